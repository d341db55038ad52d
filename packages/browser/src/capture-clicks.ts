/**
 * Clicks, named as a person would name them: by role and accessible text of the button, link or field, never by what was
 * typed into it. A click begins a trace; what is requested because of it points to its span.
 */
import type { Core } from './core.js';
import { listen } from './core.js';
import { NAME_CHARACTERS_MAX } from './limits.js';

/** Whose text is content and not a name. */
const FIELDS = 'input,select,textarea,option,[contenteditable]';
/** Whose text is their name. That of anything else may be a whole page. */
const NAMED = 'a,button,summary,label,[role=button],[role=link],[role=tab],[role^=menuitem],[role=switch]';
const CLICKABLE = `${NAMED},${FIELDS},[role],[onclick]`;
/** Of `NodeFilter`, whose names would not get shorter. */
const ACCEPT = 1;
const REJECT = 2;
const ELEMENTS_AND_TEXTS = 5;
const BUTTON = /^(submit|button|reset|image)$/;
const HIDDEN = '[data-sillok-hide]';

export function captureClicks(core: Core): void {
  const onClick = core.guarded((event: MouseEvent) => {
    const found = event.target instanceof Element ? event.target : null;
    const element = found?.closest(CLICKABLE) ?? found;
    if (element === null) return;
    const place = core.begin();
    if (element instanceof HTMLAnchorElement && opensTab(element, event))
      core.scenario.handOver(element.href);
    const role = roleOf(element);
    const name = nameOf(element);
    core.event('browser.click', `${role} ${name}`, () => ({
      message: name === '' ? `click ${role}` : `click ${role} "${name}"`,
      place,
      attributes: {
        'browser.element.role': role,
        'browser.element.name': name || undefined,
        'browser.element.id': element.id || undefined,
        // 2 for the second click of a double click.
        'browser.click.count': event.detail > 1 ? event.detail : undefined,
        // Of a script, not of a person.
        'browser.click.synthetic': event.isTrusted ? undefined : true,
      },
    }));
  });
  listen(core, [document, 'click', onClick]);
  listen(core, [document, 'auxclick', onClick]);
}

function opensTab(link: HTMLAnchorElement, event: MouseEvent): boolean {
  const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.button === 1;
  return modified || (link.target !== '' && link.target !== '_self');
}

function roleOf(element: Element): string {
  const given = element.getAttribute('role');
  if (given) return given;
  const tag = element.localName;
  if (tag === 'a') return 'link';
  if (tag !== 'input') return tag;
  const { type } = element as HTMLInputElement; // an element of that name in an HTML page
  return BUTTON.test(type) ? 'button' : type;
}

/** Accessible name, short. Empty when there is none, or when it must not leave the page. */
function nameOf(element: Element): string {
  if (element.closest(HIDDEN)) return '';
  // Usually one id; where there are several, the first says what it is.
  const [id = ''] = element.getAttribute('aria-labelledby')?.split(' ') ?? [];
  const text =
    element.getAttribute('aria-label') ??
    document.getElementById(id)?.textContent ??
    (element.matches(NAMED) ? ownText(element) : element.matches(FIELDS) && fieldName(element));
  return ((text || '').trim() || element.getAttribute('title') || '')
    .replace(/\s+/g, ' ')
    .slice(0, NAME_CHARACTERS_MAX);
}

function fieldName(element: Element): string | undefined {
  // Not every field has all of these.
  const { type, value, labels } = element as Partial<HTMLInputElement>;
  // What stands on a button is its name.
  if (BUTTON.test(String(type))) return value;
  const [label] = labels ?? [];
  return label === undefined ? (element.getAttribute('placeholder') ?? undefined) : ownText(label);
}

/** A label may hold the field itself: a select's options are not its name. */
function ownText(element: Element): string {
  const isOwn = (node: Node): number =>
    node instanceof Element && node.matches(`${FIELDS},${HIDDEN}`) ? REJECT : ACCEPT;
  const walker = document.createTreeWalker(element, ELEMENTS_AND_TEXTS, isOwn);
  let text = '';
  while (walker.nextNode()) text += walker.currentNode.nodeValue ?? '';
  return text || element.querySelector('img')?.alt || '';
}
