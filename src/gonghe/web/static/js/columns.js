// On a phone a table becomes cards and its head is hidden: each cell then carries the name of its column.
const isNamedByItself = (cell) => cell.matches(".code, .full, .pic") || cell.colSpan > 1;
const isEmpty = (cell) => !cell.textContent.trim() && !cell.querySelector("svg, input, select, img");

function nameRow(row, names) {
  let column = 0;
  for (const cell of row.cells) {
    const name = names[column];
    column += cell.colSpan;
    if (name && !isNamedByItself(cell) && !isEmpty(cell)) cell.dataset.label = name;
  }
}

export function nameCells(within) {
  for (const table of within.querySelectorAll("table.cards")) {
    const names = [...(table.tHead?.rows[0]?.cells ?? [])].map((head) => head.textContent.trim());
    for (const body of table.tBodies) for (const row of body.rows) nameRow(row, names);
  }
}
