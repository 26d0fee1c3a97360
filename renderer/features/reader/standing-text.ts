/** How one page stands, in words. */
import type { PageStanding } from '../../open-document.ts';
import { countText } from '../../wording.ts';

/** "read as text, 512 tokens", or why it was not read. */
export function standingText({ read, because, tokens }: PageStanding): string {
  const size = tokens === null ? '' : `, ${countText(tokens, 'token')}`;
  switch (read) {
    case 'pending':
      return 'not read yet';
    case 'text':
      return `read as text${size}`;
    case 'recognised':
      return `recognised from its picture${size}`;
    case 'seen':
      return `seen as a picture${size}`;
    case 'none':
      return `nothing read: ${because ?? 'nothing readable'}`;
  }
}
