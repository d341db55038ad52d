/** Sets a key of its own, also when that key is `__proto__`, which an assignment would take for the prototype. */
export function setOwn(target: { [key: string]: unknown }, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
