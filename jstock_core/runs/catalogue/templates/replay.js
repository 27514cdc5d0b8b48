"use strict";
(() => {
  const mornings = JSON.parse(document.getElementById("mornings").textContent);
  const find = (id) => document.getElementById(id);
  const put = (id, text) => { find(id).textContent = text; };
  const part = (name, text) => {
    const element = document.createElement("span");
    element.className = name;
    element.textContent = text;
    return element;
  };
  const list = (id, rows, draw) => {
    const place = find(id);
    const none = place.dataset.none ? [[part("muted", place.dataset.none)]] : [];
    const lines = rows.length ? rows.map(draw) : none;
    place.replaceChildren(...lines.map((parts) => {
      const line = document.createElement("li");
      line.append(...parts);
      return line;
    }));
  };
  const traded = ([side, stock, shares, why]) => [
    part("what", side), part("grow", stock), part("num", shares), part("why", why),
  ];
  const held = ([stock, shares, gain, stop, tone]) => [
    part("what grow", stock), part("num", shares), part(`num ${tone}`, gain), part("why", stop),
  ];
  const show = (number) => {
    const at = Math.min(Math.max(number, 0), mornings.length - 1);
    const morning = mornings[at];
    find("at").value = at;
    for (const name of ["day", "equity", "pnl", "return", "topix", "cash", "status"]) put(name, morning[name]);
    find("pnl").className = `note ${morning.tone}`;
    list("alerts", morning.alerts, (text) => [part("loss", text)]);
    list("orders", morning.orders, traded);
    list("fills", morning.fills, traded);
    list("positions", morning.positions, held);
  };
  const now = () => Number(find("at").value);
  find("at").addEventListener("input", () => show(now()));
  find("back").addEventListener("click", () => show(now() - 1));
  find("forward").addEventListener("click", () => show(now() + 1));
  document.addEventListener("keydown", (event) => {
    if (event.target.id === "at") return;
    if (event.key === "ArrowLeft") show(now() - 1);
    if (event.key === "ArrowRight") show(now() + 1);
  });
  document.querySelector(".player").hidden = false;
  show(0);
})();
