/**
 * The shell's one door to the page: every message that comes in is checked for its sender and its form.
 *
 * The only file that imports ipcMain or calls webContents.send. Heard is the top frame of our own window while it
 * shows our own page; everybody else is refused before the payload is looked at. What passes: ipc-contract.ts.
 */
import { ipcMain } from 'electron';
import type { IpcMainEvent, IpcMainInvokeEvent, WebContents } from 'electron';
import { clientMessageSchema } from 'model-runtime/contract';
import { z } from 'zod';
import { appOrigin } from './app-protocol.ts';
import type { PageNotices, PageRequests, ShellNotices } from './ipc-contract.ts';
import { settingsChangeSchema } from './settings.ts';

/** What the shell does with each message of the page. */
export interface PageHandlers {
  requests: { [Channel in keyof PageRequests]: (takes: PageRequests[Channel]['takes']) => Promise<PageRequests[Channel]['gives']> };
  notices: { [Channel in keyof PageNotices]: (payload: PageNotices[Channel]) => void };
}

const requestSchemas: { [Channel in keyof PageRequests]: z.ZodType<PageRequests[Channel]['takes']> } = {
  'documents:choose': z.null(),
  'documents:sample': z.string().regex(/^[\w-]+\.pdf$/), // a name: no way out of the folder of samples
  'settings:read': z.null(),
  'settings:write': settingsChangeSchema,
};

const noticeSchemas: { [Channel in keyof PageNotices]: z.ZodType<PageNotices[Channel]> } = {
  'page:begun': z.null(),
  'runtime:post': clientMessageSchema,
};

/** Opens the door, once for the life of the app. `page` is the window's contents, undefined while there is no window. */
export function openPageDoor(page: () => WebContents | undefined, handlers: PageHandlers): void {
  for (const channel of channelsOf(requestSchemas)) openForRequests(channel, page, handlers);
  for (const channel of channelsOf(noticeSchemas)) openForNotices(channel, page, handlers);
}

/** Tells the page something; nothing where there is no page to hear it. */
export function sendToPage<Channel extends keyof ShellNotices>(
  page: WebContents | undefined,
  channel: Channel,
  payload: ShellNotices[Channel],
): void {
  if (page !== undefined && !page.isDestroyed()) page.send(channel, payload);
}

// The parameter ties the channel's schema to its handler.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
function openForRequests<Channel extends keyof PageRequests>(
  channel: Channel,
  page: () => WebContents | undefined,
  handlers: PageHandlers,
): void {
  ipcMain.handle(channel, (event, payload: unknown) => {
    if (!isOurPage(event, page())) throw new Error(`${channel}: refused, not from Recto's own page`);
    return handlers.requests[channel](requestSchemas[channel].parse(payload));
  });
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
function openForNotices<Channel extends keyof PageNotices>(
  channel: Channel,
  page: () => WebContents | undefined,
  handlers: PageHandlers,
): void {
  ipcMain.on(channel, (event, payload: unknown) => {
    if (!isOurPage(event, page())) {
      console.warn(`${channel}: refused, not from Recto's own page`);
      return;
    }
    const message = noticeSchemas[channel].safeParse(payload);
    if (message.success) handlers.notices[channel](message.data);
    else console.warn(`${channel}: refused: ${z.prettifyError(message.error)}`);
  });
}

function isOurPage(event: IpcMainEvent | IpcMainInvokeEvent, page: WebContents | undefined): boolean {
  const frame = event.senderFrame; // null where the frame is gone or has moved on since it sent this
  if (page === undefined || event.sender !== page || frame === null || frame.parent !== null) return false;
  const url = URL.parse(frame.url);
  return url !== null && `${url.protocol}//${url.host}` === appOrigin;
}

function channelsOf<Channel extends string>(map: { [Name in Channel]: unknown }): Channel[] {
  return Object.keys(map) as Channel[];
}
