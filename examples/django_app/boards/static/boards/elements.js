// Making elements. What people have written goes through `textContent`, so it is never HTML.

const SHORT = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});

/** Write the time of the server in the visitor's own time zone. */
export function localTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    time.textContent = SHORT.format(new Date(time.dateTime));
  }
}

/** A copy of a `<template>` of the page. */
export const copyOf = (id) => document.getElementById(id).content.cloneNode(true).firstElementChild;

/** Fill in who, when and what, as the server's templates do. */
export function fill(element, { author, authorId, created, text }) {
  dress(element.querySelector(".avatar"), authorId, author);
  element.querySelector(".by b").textContent = author;
  element.querySelector(".said").textContent = text;
  if (created) element.querySelector("time").dateTime = created;
  localTimes(element);
  return element;
}

/** A new avatar of a person. */
export function avatar(id, name) {
  const element = document.createElement("span");
  element.className = "avatar";
  element.ariaHidden = "true";
  dress(element, id, name);
  return element;
}

// As boards/_avatar.html chooses the colour.
function dress(element, id, name) {
  element.textContent = name.slice(0, 1).toUpperCase();
  element.classList.add(`tone-${id % 3 ? "b" : "a"}${id % 2 ? "b" : "a"}`);
}
