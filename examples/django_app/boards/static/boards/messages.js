// The messages of a task as this page knows them: saved ones by id, drafts by the name that the page
// has given them. A draft is shown at once. It ends when a saved message of its name comes, by
// whichever way: as the answer to the request, by Pusher, from another tab, or on catching up.

export class Messages {
  #view;
  #storage;
  #place;
  #ids = new Set();
  #names = new Set();
  #drafts = new Map();

  /**
   * @param view shows and hides: `insert(message)`, `draft(draft)`, `forget(clientId)`.
   * @param storage keeps drafts when the page is left: a `Storage`.
   * @param place the key for it.
   */
  constructor(view, storage, place) {
    this.#view = view;
    this.#storage = storage;
    this.#place = place;
  }

  /** What the server has rendered already. */
  know(id, clientId) {
    this.#ids.add(Number(id));
    if (clientId) this.#names.add(clientId);
  }

  /** Drafts of this tab from before it was loaded anew. */
  restore() {
    for (const draft of JSON.parse(this.#storage.getItem(this.#place) ?? "[]")) {
      this.draft({ ...draft, state: "failed", reason: "the page was left" });
    }
    this.#keep();
  }

  has(id) {
    return this.#ids.has(Number(id));
  }

  get newest() {
    return Math.max(0, ...this.#ids);
  }

  save(message) {
    const isNew = !this.has(message.id);
    this.know(message.id, message.clientId);
    if (message.clientId) this.discard(message.clientId);
    if (isNew) this.#view.insert(message);
  }

  draft(draft) {
    if (this.#names.has(draft.clientId)) return; // it is saved: what failed was only the answer
    this.#drafts.set(draft.clientId, draft);
    this.#view.draft(draft);
    this.#keep();
  }

  discard(clientId) {
    if (!this.#drafts.delete(clientId)) return;
    this.#view.forget(clientId);
    this.#keep();
  }

  #keep() {
    const drafts = [...this.#drafts.values()];
    if (drafts.length) this.#storage.setItem(this.#place, JSON.stringify(drafts));
    else this.#storage.removeItem(this.#place);
  }
}
