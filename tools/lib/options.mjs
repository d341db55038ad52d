/** `--name value` of the command line. */
export function option(name, preset) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? preset : process.argv[at + 1];
}
