/**
 * `@sillok/browser/react`: an error boundary. React catches what a component throws, so that no `error` event says it; only a
 * boundary knows which component it was.
 */
import { Component, type ErrorInfo, type ReactNode } from 'react';
import type { Sillok } from './index.js';

export interface SillokBoundaryProps {
  readonly sillok: Pick<Sillok, 'error'>;
  /** What is shown instead of what failed. */
  readonly fallback: ReactNode | ((error: unknown) => ReactNode);
  readonly children?: ReactNode;
}

interface State {
  readonly failed: boolean;
  readonly error: unknown;
}

export class SillokBoundary extends Component<SillokBoundaryProps, State> {
  static getDerivedStateFromError(error: unknown): State {
    return { failed: true, error };
  }

  override readonly state: State = { failed: false, error: undefined };

  override componentDidCatch(error: Error, { componentStack }: ErrorInfo): void {
    this.props.sillok.error(error, {
      'browser.exception.mechanism': 'react',
      'browser.component': componentOf(componentStack),
      'browser.component_stack': componentStack?.trim(),
    });
  }

  override render(): ReactNode {
    const { fallback, children } = this.props;
    if (!this.state.failed) return children;
    return typeof fallback === 'function' ? fallback(this.state.error) : fallback;
  }
}

/** The innermost: `at Cart (https://…)` in Chromium, `Cart@https://…` elsewhere. */
function componentOf(stack: string | null | undefined): string | undefined {
  return /^\s*(?:at )?([\w$.]+)/m.exec(stack ?? '')?.[1];
}
