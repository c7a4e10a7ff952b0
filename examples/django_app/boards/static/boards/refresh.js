// Renders a part of the page anew every few seconds, while somebody looks at it and touches nothing
// in it. A page that can connect would do so on `pusher:member_added` and `pusher:member_removed`.
for (const part of document.querySelectorAll("[data-refresh]")) {
  setInterval(async () => {
    if (document.hidden || part.contains(document.activeElement)) return;
    try {
      const response = await fetch(part.dataset.refresh);
      if (response.ok && !response.redirected) part.innerHTML = await response.text();
    } catch {
      // The server is away: what is shown stays, and the next time may be better.
    }
  }, 10_000);
}
