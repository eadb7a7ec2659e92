// The rows of a plan: one a machine as the data has them, one a firm, or one an order.

// Groupings that show something else than the machines do.
export function groupings(plan) {
  const firms = new Set(plan.rows.map((row) => row.organization).filter(Boolean));
  const orders = new Set(plan.bars.map((bar) => bar.order).filter(Boolean));
  const found = ["equipment"];
  if (firms.size > 1 && firms.size < plan.rows.length) found.push("organization");
  if (orders.size > 1) found.push("order");
  return found.length > 1 ? found : [];
}

// The same plan with its bars in other rows; `home` of a bar stays the machine it runs on.
export function regroup(plan, by) {
  if (by === "organization") return place(plan, firmRows(plan), (bar) => `firm:${plan.homes.get(bar.home)?.organization ?? ""}`);
  if (by === "order") return place(plan, orderRows(plan), (bar) => `order:${bar.order ?? ""}`);
  return plan;
}

// What a row is called and what is said beside it; where all rows are one firm's, they are told apart by their machines.
export function rowWords(row, rows) {
  const firm = row.organization ?? "";
  const machine = row.equipment ?? "";
  const said = firm && row.label ? row.label : "";
  if (!firm) return { name: row.label ?? machine, note: row.label ? machine : "" };
  if (machine && rows.length > 1 && rows.every((one) => one.organization === firm)) return { name: machine, note: said };
  return { name: firm, note: [machine, said].filter(Boolean).join(", ") };
}

function place(plan, rows, rowOf) {
  const known = new Set(rows.map((row) => row.id));
  const bars = plan.bars.map((bar) => ({ ...bar, row: rowOf(bar) })).filter((bar) => known.has(bar.row));
  return { ...plan, rows, bars };
}

function firmRows(plan) {
  const machines = Map.groupBy(plan.rows, (row) => row.organization ?? "");
  return [...machines].map(([firm, rows]) => ({
    id: `firm:${firm}`,
    organization: firm,
    equipment: rows.length === 1 ? rows[0].equipment : undefined,
    own: rows.some((row) => row.own),
    breaks: rows.map((row) => row.breaks).reduce(shared),
  }));
}

function orderRows(plan) {
  const bars = Map.groupBy(plan.bars.filter((bar) => bar.order), (bar) => bar.order);
  return [...bars.keys()].map((order) => ({ id: `order:${order}`, label: order, breaks: [] }));
}

// What lies in both of two sorted lists of spans: a firm is closed when all its machines are.
function shared(a, b) {
  const found = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const start = Math.max(a[i][0], b[j][0]);
    const end = Math.min(a[i][1], b[j][1]);
    if (start < end) found.push([start, end]);
    if (a[i][1] < b[j][1]) i += 1;
    else j += 1;
  }
  return found;
}
