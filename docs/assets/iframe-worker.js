// Search without a web server: a page opened from the file system may not start a worker, so the
// worker's script runs in a hidden frame instead. Pages from a server never use this.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    #frame = document.createElement("iframe");
    #waiting = [];

    constructor(address) {
      super();
      this.onmessage = null;
      this.addEventListener("message", (event) => this.onmessage?.(event));
      this.#frame.hidden = true;
      document.body.append(this.#frame);
      const inside = this.#frame.contentWindow;
      inside.postMessage = (message) => {
        const data = structuredClone(message); // as between a page and a worker
        setTimeout(() => this.dispatchEvent(new MessageEvent("message", { data })));
      };
      const script = inside.document.createElement("script");
      script.src = new URL(address, document.baseURI).href;
      script.addEventListener("load", () => {
        const waiting = this.#waiting;
        this.#waiting = null;
        waiting.forEach((data) => this.postMessage(data));
      });
      inside.document.body.append(script);
    }

    postMessage(message) {
      const data = structuredClone(message);
      if (this.#waiting) {
        this.#waiting.push(data);
        return;
      }
      const inside = this.#frame.contentWindow;
      setTimeout(() => inside?.dispatchEvent(new inside.MessageEvent("message", { data })));
    }

    terminate() {
      this.#frame.remove();
    }
  };
}
