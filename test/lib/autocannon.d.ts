/** The part of autocannon that tests use; it ships no types. */
declare module 'autocannon' {
  interface Load {
    readonly url: string;
    readonly connections: number;
    readonly amount: number;
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly requests?: readonly { readonly path: string }[];
  }
  interface Result {
    readonly '2xx': number;
  }
  function autocannon(load: Load): Promise<Result>;
  export = autocannon;
}
