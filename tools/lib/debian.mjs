/**
 * Debian packages that tests use: real services and real log writers of other languages. Where the command is there
 * already, from wherever, the package is not asked for.
 */
const WANTED = [
  { packages: ['nginx-light'], command: 'nginx' },
  { packages: ['golang-go'], command: 'go' },
  { packages: ['golang-golang-x-exp-dev'] },
  { packages: ['default-jdk-headless'], command: 'javac' },
  { packages: ['liblogback-java', 'liblogstash-logback-encoder-java'] },
  { packages: ['python3-django', 'python3-structlog'] },
  { packages: ['haproxy'], command: 'haproxy' },
  { packages: ['libnginx-mod-stream'] },
  { packages: ['postgresql'], command: 'pg_ctlcluster' },
  { packages: ['nats-server'], command: 'nats-server' },
  { packages: ['redis-server'], command: 'redis-server' },
  { packages: ['mariadb-server'], command: 'mariadbd' },
  { packages: ['tmux'], command: 'tmux' },
  { packages: ['chromium'], command: 'chromium' },
  { packages: ['fonts-noto-cjk'] },
];

export function wantedPackages(hasCommand) {
  return WANTED.filter(({ command }) => command === undefined || !hasCommand(command)).flatMap(
    ({ packages }) => packages,
  );
}
