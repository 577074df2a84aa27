// What the pages do by themselves: filter a list, and bill a month of the reader's traffic as the server does.
"use strict";

for (const field of document.querySelectorAll("[data-filter]")) {
  const list = document.getElementById(field.dataset.filter);
  const rows = list ? list.querySelectorAll("tbody tr, li") : [];
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
}

// Amounts are counted in 1e-15 dollars, as whole numbers: nano-dollars a million tokens, times tokens.
const FEMTO = 10n ** 15n;
const NAMES = ["input", "output", "cached", "batch", "prompt"];

function decimal(text, places) {
  const m = /^(\d+)(?:\.(\d{1,6}))?$/.exec(text.trim());
  if (!m) return null;
  return BigInt(m[1] + (m[2] || "").padEnd(places, "0"));
}

// The component a tariff bills a meter by: of those on these terms the one of the highest threshold that the prompt exceeds.
function component(rows, tier, meter, prompt) {
  let best = null;
  for (const row of rows) {
    if (row[0] === tier && row[1] === meter && (row[2] === 0 || prompt > row[2]) && (best === null || row[2] > best[2])) best = row;
  }
  return best;
}

function bill(rows, tier, counts, prompt, requests) {
  const lines = [];
  for (const [meter, count] of counts) {
    if (count === 0n) continue;
    let row = component(rows, tier, meter, prompt);
    let billed = meter;
    if (row === null && meter !== "cache_read" && !rows.some((r) => r[0] === tier && r[1] === meter)) {
      row = component(rows, tier, "token", prompt);
      billed = "token";
    }
    if (row === null) return null;
    if (tier !== "" && row[2] === 0) {
      const standard = rows.filter((r) => r[0] === "" && r[1] === billed && r[2] > 0 && prompt > r[2]);
      if (standard.length) return null;
    }
    if (!row[4]) return null;
    lines.push({ meter, count, row, femto: count * BigInt(row[3]) });
  }
  const fee = component(rows, tier, "request", prompt);
  if (fee !== null && rows.some((r) => r[0] === tier && r[1] === "request")) {
    if (!fee[4]) return null;
    if (fee[3] !== "0") lines.push({ meter: "request", count: requests, row: fee, femto: requests * BigInt(fee[3]) * 1000000n });
  }
  return lines;
}

// A month: what is sent as batch, and the rest on its tier. Tokens are cut to whole ones, as the server cuts them.
function month(rows, t) {
  const parts = [];
  for (const [share, tier] of [[100000000n - t.batch, t.tier === "standard" ? "" : t.tier], [t.batch, "batch"]]) {
    if (share === 0n) continue;
    const input = (t.input * share) / 100000000n;
    const output = (t.output * share) / 100000000n;
    const cached = (t.input * share * t.cached) / 10000000000000000n;
    const counts = [["input", input - cached], ["output", output], ["cache_read", cached]];
    const requests = input / BigInt(Math.max(1, t.prompt));
    const lines = bill(rows, tier, counts, t.prompt, requests > 0n ? requests : 1n);
    if (lines === null) return null;
    parts.push(...lines);
  }
  return parts;
}

function dollars(femto) {
  const cents = (value, unit) => {
    let whole = value / unit;
    const rest = value % unit;
    if (rest * 2n > unit || (rest * 2n === unit && whole % 2n === 1n)) whole += 1n;
    return whole;
  };
  const grouped = (n) => n.toString().replace(/\B(?=(\d{3})+$)/g, ",");
  if (femto >= 100n * FEMTO) return "$" + grouped(cents(femto, FEMTO));
  if (femto > 0n && femto < FEMTO / 100n) return "$0." + femto.toString().padStart(15, "0").replace(/0+$/, "");
  const value = cents(femto, FEMTO / 100n);
  return `$${grouped(value / 100n)}.${(value % 100n).toString().padStart(2, "0")}`;
}

function traffic(form) {
  const said = {};
  for (const name of NAMES) said[name] = decimal(form.elements[name].value || "0", name === "prompt" ? 0 : 6);
  if (Object.values(said).some((v) => v === null)) return null;
  if (said.cached > 100000000n || said.batch > 100000000n) return null;
  return { ...said, prompt: Number(said.prompt), tier: form.elements.tier.value };
}

function show(form, models) {
  const t = traffic(form);
  if (t === null) return false;
  const best = models.map((model) => {
    let found = null;
    for (const offer of model.offers) {
      const lines = month(offer.rows, t);
      if (lines === null || lines.some((l) => l.row[5] || l.row[6])) continue;
      const total = lines.reduce((sum, l) => sum + l.femto, 0n);
      if (total > 0n && (found === null || total < found.total)) found = { offer, lines, total };
    }
    return found;
  });
  const every = best.every((b) => b !== null);
  const low = every ? best.reduce((a, b) => (b.total < a ? b.total : a), best[0].total) : null;
  const high = every ? best.reduce((a, b) => (b.total > a ? b.total : a), best[0].total) : null;
  const alone = every && best.filter((b) => b.total === low).length === 1;
  models.forEach((model, i) => {
    const card = [...document.querySelectorAll("[data-month]")].find((e) => e.dataset.month === model.model);
    if (!card) return;
    const lower = alone && best[i].total === low;
    card.classList.toggle("lower", lower);
    card.querySelector("[data-lower]").hidden = !lower;
    const total = card.querySelector("[data-total]");
    const at = card.querySelector("[data-at]");
    total.textContent = best[i] ? dollars(best[i].total) : "—";
    at.textContent = best[i] ? best[i].offer.name : "no provider with every price known";
    for (const link of [total, at]) {
      if (link.tagName === "A") best[i] ? link.setAttribute("href", best[i].offer.href) : link.removeAttribute("href");
    }
    const body = card.querySelector("[data-lines]");
    if (body) body.replaceChildren(...(best[i] ? best[i].lines.map((l) => line(l, best[i].offer)) : []));
  });
  document.querySelector("[data-gap]").textContent = every ? `The gap is ${dollars(high - low)} a month.` : "";
  return true;
}

function line(l, offer) {
  const row = document.createElement("tr");
  const terms = [l.row[0] && `tier ${l.row[0]}`, l.row[2] && `above input ${l.row[2].toLocaleString("en-US")}`].filter(Boolean).join(", ");
  const price = dollars(BigInt(l.row[3]) * 1000000n);
  for (const [text, linked] of [[`${l.meter.replaceAll("_", " ")}${terms ? ` ${terms}` : ""}`], [l.count.toLocaleString("en-US")], [price, true], [dollars(l.femto), true]]) {
    const cell = document.createElement("td");
    if (row.childElementCount) cell.className = "n";
    if (linked) {
      const link = document.createElement("a");
      link.href = offer.href;
      link.textContent = text;
      cell.append(link);
    } else cell.textContent = text;
    row.append(cell);
  }
  return row;
}

const form = document.querySelector("[data-traffic]");
if (form) {
  const models = JSON.parse(document.getElementById("tariffs").textContent);
  const address = new URLSearchParams(location.search);
  const names = [...NAMES, "tier"];
  if (names.some((name) => address.has(name))) {
    for (const name of names) if (address.has(name) && form.elements[name]) form.elements[name].value = address.get(name);
    show(form, models);
  }
  const changed = () => {
    if (!show(form, models)) return;
    const said = new URLSearchParams(location.search);
    for (const name of names) said.set(name, form.elements[name].value);
    try {
      history.replaceState(null, "", `?${said}${location.hash}`);
    } catch {
      // A page opened from a disk may not change its address; the figures are right all the same.
    }
  };
  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.reportValidity()) changed();
  });
}

// Evidence on the page itself opens when a figure leads to it.
function opened() {
  const place = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (place && place.tagName === "DETAILS") place.open = true;
}
addEventListener("hashchange", opened);
opened();
