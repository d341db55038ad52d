export interface Chunk {
  readonly fileName: string;
  readonly code: string;
  /** Loaded with it. */
  readonly imports: readonly string[];
}
export function bundle(options?: { readonly write?: boolean }): Promise<readonly Chunk[]>;
export function bundleApp(input: string): Promise<{ readonly code: string; readonly map: string }>;
