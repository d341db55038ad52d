/** A page that fails to draw or to load leaves the frame standing, and says so. */
import { Component, type ErrorInfo, type ReactNode } from 'react';
import { say } from '../words/dictionary.js';
import { frameWords } from '../words/frame.js';

interface State {
  readonly error: Error | undefined;
}

export class PageBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    console.error(error, info.componentStack);
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    const words = say(frameWords);
    return (
      <main id="content" className="page">
        <div role="alert" className="problem">
          <p>
            <strong>{words.pageFailed}</strong> {words.pageFailedHelp}
          </p>
          <pre>{error.message}</pre>
          <button type="button" onClick={() => location.reload()}>
            {words.retry}
          </button>
        </div>
      </main>
    );
  }
}
