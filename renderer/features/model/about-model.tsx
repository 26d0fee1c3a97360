/** Which model answers, on what, and how far it may be trusted. */
import { Popover } from '@base-ui/react/popover';
import { Cpu } from 'lucide-react';
import type { JSX } from 'react';
import { useStore } from 'zustand';
import { failureText } from '../../failure-text.ts';
import menu from '../../ui/menu.module.css';
import { numberText, sizeText, weightsText } from '../../wording.ts';
import type { ModelFacts, ModelState } from './model-store.ts';
import styles from './about-model.module.css';

/** A button with the model's name that opens what is known about it. */
export function AboutModel({ facts }: { facts: ModelFacts }): JSX.Element {
  const state = useStore(facts.state);
  const name = state.kind === 'known' ? (state.model?.name ?? 'none yet') : '…';
  return (
    <Popover.Root onOpenChange={(isOpen) => isOpen && void facts.load()}>
      <Popover.Trigger className={styles['trigger']} aria-label={`About this model: ${name}`} title="About this model">
        <Cpu size={16} aria-hidden="true" />
        <span className={styles['name']}>Model: {name}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={8} align="start" side="top" className={menu['positioner']}>
          <Popover.Popup className={`${menu['popup']} ${styles['popup']}`}>
            <Popover.Title className={styles['title']}>About this model</Popover.Title>
            <Facts state={state} />
            <Popover.Description className={styles['caution']}>
              It is small, and it can be wrong or leave something out.{' '}
              {state.kind === 'known' && state.model?.tellsDoubt === true ? 'Answers that it is not sure of are marked. ' : ''}
              Where an answer matters, check the page it points to. Each question is answered from the pages alone; earlier questions are
              not remembered.
            </Popover.Description>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Facts({ state }: { state: ModelState }): JSX.Element | null {
  if (state.kind === 'unknown') return null;
  if (state.kind === 'failed') return <p>{failureText(state.failure).title}</p>;
  if (state.model === null) return <p>There is no model yet. Import one with “recto models import”.</p>;
  const { model, info } = state;
  const facts = [
    ['Name', model.name + (model.isBuiltIn ? ' (came with Recto)' : '')],
    [
      'Weights',
      `${weightsText(model.parameters)}, ${{ fp32: '32-bit', int8: '8-bit', int4: '4-bit' }[model.precision]}, ${sizeText(model.sizeBytes)}`,
    ],
    ['Reads up to', `${numberText(model.contextTokens)} tokens at once`],
    ['Runs on', `this machine: ${info.threads} threads, ${sizeText(info.memoryBytes)} memory`],
    ['Recto', `version ${info.version}`],
  ] as const;
  return (
    <dl className={styles['facts']}>
      {facts.map(([term, fact]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{fact}</dd>
        </div>
      ))}
    </dl>
  );
}
