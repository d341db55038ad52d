import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Everything is served by Sillok itself under a strict Content-Security-Policy: no outside host, nothing inline.
export default defineConfig({
  plugins: [react()],
  build: { target: 'es2022', modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  server: { proxy: { '/api': 'http://127.0.0.1:4318' } },
});
