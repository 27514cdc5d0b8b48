"use strict";
(() => {
  const find = document.getElementById("find");
  if (!find) return;
  const field = document.getElementById("search"), found = document.getElementById("found");
  const months = [...document.querySelectorAll(".month")].map((month) => ({
    month, open: month.open,
    days: [...month.querySelectorAll("tbody")].map((day) => ({ day, text: day.textContent.toLowerCase() })),
  }));
  const all = months.reduce((sum, each) => sum + each.days.length, 0);
  let searching = false;
  const search = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const each of months) {
      if (!searching) each.open = each.month.open;
      let inside = 0;
      for (const { day, text } of each.days) {
        const fits = words.every((word) => text.includes(word));
        day.hidden = !fits;
        inside += fits;
      }
      shown += inside;
      each.month.hidden = !inside;
      each.month.open = words.length ? inside > 0 : each.open;
    }
    searching = words.length > 0;
    found.textContent = searching ? found.dataset.of.replace("{n}", shown).replace("{all}", all) : "";
  };
  const reveal = () => {
    const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const month = named && named.closest(".month");
    if (month) { month.open = true; named.scrollIntoView({ block: "center" }); }
  };
  find.hidden = false;
  field.addEventListener("input", search);
  window.addEventListener("hashchange", reveal);
  reveal();
})();
