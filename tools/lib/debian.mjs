/** Debian packages that tests use: real services and real log writers of other languages. */
export const DEBIAN_PACKAGES = [
  'nginx-light',
  'python3-django',
  'python3-structlog',
  'golang-go',
  'default-jre-headless',
  'default-jdk-headless',
  'liblogback-java',
  'tmux',
];
