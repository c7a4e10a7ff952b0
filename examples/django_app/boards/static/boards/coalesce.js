/**
 * Make `work` run once for a burst of calls, and never twice at a time. What is called for while it
 * runs makes it run again: its answer may be from before.
 */
export function coalesced(work, delayMs = 0) {
  let wanted = false;
  let running = null;

  async function run() {
    try {
      while (wanted) {
        await new Promise((go) => setTimeout(go, delayMs));
        wanted = false;
        await work();
      }
    } finally {
      running = null;
    }
  }

  const call = () => {
    wanted = true;
    running ??= run();
  };
  /** Only what is under way. */
  call.again = () => {
    if (running) wanted = true;
  };
  return call;
}
