/* Sorts a table by a column whose heading is pressed: numbers by value, texts by letters. Opens the folds around
   what a link leads to, where the browser does not. */
"use strict";
for (const table of document.querySelectorAll(".table > table")) {
  const body = table.tBodies[0];
  if (!table.tHead || !body || body.rows.length < 3) continue;
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(head, column));
    head.append(button);
  });
  function sort(head, column) {
    const descending = head.ariaSort ? head.ariaSort === "ascending" : head.classList.contains("num");
    for (const each of heads) each.removeAttribute("aria-sort");
    head.ariaSort = descending ? "descending" : "ascending";
    const rows = [...body.rows].map(row => [value(row.cells[column]), row]);
    rows.sort(([a], [b]) => compare(a, b) * (descending ? -1 : 1));
    body.append(...rows.map(([, row]) => row));
  }
}
function value(cell) {
  const text = (cell.firstChild ? cell.firstChild.textContent : "").trim();
  const plain = text.replace(/[\u00a5,\s+%]/g, "").replace("\u2212", "-");
  const number = /^-?\d+(\.\d+)?/.test(plain) ? parseFloat(plain) : NaN;
  const unit = plain.includes("\u5104") ? 1e8 : plain.includes("\u4e07") ? 1e4 : 1;
  return { text, number: /^\d{4}-\d\d-\d\d/.test(text) ? NaN : number * unit };
}
function compare(a, b) {
  const known = [a, b].map(each => !Number.isNaN(each.number));
  if (known[0] && known[1]) return a.number - b.number;
  if (known[0] !== known[1]) return known[0] ? 1 : -1;
  return a.text.localeCompare(b.text);
}
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const closed = () => target && target.closest("details:not([open])");
  if (!closed()) return;
  for (let fold; (fold = closed());) fold.open = true;
  target.scrollIntoView();
}
addEventListener("hashchange", reveal);
addEventListener("click", event => event.target.closest("a[href^='#']") && setTimeout(reveal));
reveal();
