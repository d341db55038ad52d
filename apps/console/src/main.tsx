import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { goBack } from './pages/sign-in/way-back.js';
import './style/tokens.css';
import './style/base.css';
import './style/frame.css';
import './style/parts.css';
import './style/records.css';
import './style/team.css';
import './style/trace.css';
import './style/compare.css';
import './style/history.css';
import './style/routing.css';

goBack();
const place = document.getElementById('root');
if (place !== null) {
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
