/** Where the page begins: finds its host and puts the app on the screen. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { createStores } from './stores.ts';
import { connectHost } from './host.ts';
import './styles/tokens.css';
import './styles/page.css';

const host = connectHost();
const stores = createStores(host);
const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');
createRoot(root).render(
  <StrictMode>
    <App host={host} stores={stores} />
  </StrictMode>,
);
