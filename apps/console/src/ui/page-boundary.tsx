/**
 * A page that fails to draw or to load leaves the frame standing, and says so. A page is loaded when it is first opened: when the
 * server is away just then, that is said instead, and nothing is loaded anew before it answers. A reload would leave a blank window.
 */
import { Component, type ErrorInfo, type ReactNode } from 'react';
import { serverAnswers, UNREACHABLE } from '../api/http.js';
import { say } from '../words/dictionary.js';
import { frameWords } from '../words/frame.js';
import { Problem } from './states.js';

interface State {
  readonly error: Error | undefined;
  readonly isAway: boolean;
}

export class PageBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: undefined, isAway: false };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    console.error(error, info.componentStack);
    void this.#look();
  }

  async #look(): Promise<boolean> {
    const isAway = !(await serverAnswers());
    this.setState({ isAway });
    return isAway;
  }

  readonly #again = async (): Promise<void> => {
    if (!(await this.#look())) location.reload();
  };

  override render(): ReactNode {
    const { error, isAway } = this.state;
    if (error === undefined) return this.props.children;
    const words = say(frameWords);
    return (
      <main id="content" className="page">
        {isAway ? (
          <Problem failure={UNREACHABLE} onRetry={() => void this.#again()} />
        ) : (
          <div role="alert" className="problem">
            <p>
              <strong>{words.pageFailed}</strong> {words.pageFailedHelp}
            </p>
            <pre>{error.message}</pre>
            <button type="button" onClick={() => void this.#again()}>
              {words.retry}
            </button>
          </div>
        )}
      </main>
    );
  }
}
