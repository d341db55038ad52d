/** A clean end at Ctrl-C, or when the runner is gone. */
export function stopWith(stop) {
  let stopping;
  const end = () => {
    stopping ??= stop().finally(() => process.exit(0));
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('disconnect', end);
}
