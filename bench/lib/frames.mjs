/**
 * What the main thread of a page did, out of a trace of Chromium: the processor's time of each frame, which does not grow when
 * other programs have the processor; the longest tasks, and how often garbage was collected.
 */
const CATEGORIES = ['toplevel', 'devtools.timeline', 'v8', 'disabled-by-default-v8.gc', '__metadata'];

/** Runs `work` and reads the trace of it. Times in milliseconds. */
export async function traced(page, work) {
  const browser = page.context().browser();
  await browser.startTracing(page, { categories: CATEGORIES });
  const result = await work();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  return { result, ...framesIn(traceEvents) };
}

function framesIn(events) {
  const own = onMainThread(events);
  const isTask = ({ name, tdur }) => name.endsWith('RunTask') && tdur !== undefined;
  const tasks = own.filter(isTask).sort((a, b) => a.ts - b.ts);
  const draws = own.filter(({ name }) => name === 'FireAnimationFrame').map(({ ts }) => ts);
  draws.sort((a, b) => a - b);
  return {
    frames: frameTimes(tasks, draws),
    collections: collectionsIn(own),
    longest: tasks
      .toSorted((a, b) => b.tdur - a.tdur)
      .slice(0, 3)
      .map((task) => `${(task.tdur / 1000).toFixed(0)} ms (${heaviestIn(own, task)})`),
  };
}

/** The thread that draws most frames is the page's. */
function onMainThread(events) {
  const counts = new Map();
  const keyOf = ({ pid, tid }) => `${pid} ${tid}`;
  for (const event of events) {
    if (event.name === 'FireAnimationFrame') counts.set(keyOf(event), (counts.get(keyOf(event)) ?? 0) + 1);
  }
  const most = [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0];
  return events.filter((event) => keyOf(event) === most);
}

/** A frame lasts from the task that begins to draw it until the task that begins to draw the next one. */
function frameTimes(tasks, draws) {
  const frames = [];
  let next = 0;
  let time;
  for (const { ts, dur, tdur } of tasks) {
    const isDrawing = draws[next] >= ts && draws[next] < ts + dur;
    while (next < draws.length && draws[next] < ts + dur) next += 1;
    if (isDrawing) {
      if (time !== undefined) frames.push(time / 1000);
      time = 0;
    }
    if (time !== undefined) time += tdur;
  }
  return frames;
}

function heaviestIn(own, task) {
  const inside = own.filter(
    ({ ts, name, tdur }) =>
      tdur !== undefined && ts >= task.ts && ts < task.ts + task.dur && !name.endsWith('RunTask'),
  );
  const heaviest = inside.toSorted((a, b) => b.tdur - a.tdur)[0];
  return heaviest === undefined ? 'nothing named' : `${heaviest.name} ${(heaviest.tdur / 1000).toFixed(0)}`;
}

function collectionsIn(own) {
  const of = (wanted) => {
    const found = own.filter(({ name, tdur }) => name === wanted && tdur !== undefined);
    const longest = Math.max(0, ...found.map(({ tdur }) => tdur)) / 1000;
    return `${found.length} ${wanted}, the longest ${longest.toFixed(0)} ms`;
  };
  return `${of('MajorGC')}; ${of('MinorGC')}`;
}
