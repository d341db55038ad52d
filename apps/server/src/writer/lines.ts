/** Lines of a batch as bytes: nothing is decoded. */

const NEWLINE = 0x0a;
const RECORD_START = Buffer.from('{"seq":');

/** Every record line begins so: canonical lines have `seq` first. */
export function isRecord(line: Buffer): boolean {
  return line.subarray(0, RECORD_START.length).equals(RECORD_START);
}

/** Without their newlines. */
export function eachLine(lines: Buffer, use: (line: Buffer, row: number) => void): void {
  let row = 0;
  for (let start = 0; start < lines.length; row += 1) {
    const newline = lines.indexOf(NEWLINE, start);
    const end = newline < 0 ? lines.length : newline;
    use(lines.subarray(start, end), row);
    start = end + 1;
  }
}
