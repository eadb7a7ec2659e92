// What follows what: links in view without walking over all of them, and the trail of one bar.

export class Links {
  #of = new Map();

  constructor(links, byId, rowOf) {
    this.rowOf = rowOf;
    this.all = [];
    this.longest = 0;
    for (const link of links) {
      const from = byId.get(link.from);
      const to = byId.get(link.to);
      if (!from || !to || !rowOf.has(from.row) || !rowOf.has(to.row)) continue;
      const found = { from, to, chain: Boolean(link.chain), first: Math.min(from.end, to.start), last: Math.max(from.end, to.start) };
      this.longest = Math.max(this.longest, found.last - found.first);
      this.all.push(found);
      this.#note(from, "after", to);
      this.#note(to, "before", from);
    }
    this.all.sort((a, b) => a.first - b.first);
    this.chain = new Set([...byId.values()].filter((bar) => bar.chain));
  }

  #note(bar, side, other) {
    if (!this.#of.has(bar)) this.#of.set(bar, { before: [], after: [] });
    this.#of.get(bar)[side].push(other);
  }

  // Links that touch [from, to] and do not lie wholly above or below [top, bottom].
  visible(from, to, top, bottom) {
    let low = 0;
    let high = this.all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.all[middle].first < from - this.longest) low = middle + 1;
      else high = middle;
    }
    const found = [];
    for (let i = low; i < this.all.length && this.all[i].first <= to; i++) {
      const link = this.all[i];
      if (link.last >= from && this.#between(link, top, bottom)) found.push(link);
    }
    return found;
  }

  #between(link, top, bottom) {
    const a = this.rowOf.get(link.from.row);
    const b = this.rowOf.get(link.to.row);
    return Math.max(a.top + a.height, b.top + b.height) > top && Math.min(a.top, b.top) < bottom;
  }

  // The chain that decides the date if the bar is on it, else all that it waits for and all that waits for it.
  trail(bar) {
    if (bar.chain) return this.chain;
    const found = new Set([bar]);
    for (const side of ["before", "after"]) {
      const open = [bar];
      while (open.length) {
        for (const other of this.#of.get(open.pop())?.[side] ?? []) {
          if (found.has(other)) continue;
          found.add(other);
          open.push(other);
        }
      }
    }
    return found.size > 1 ? found : undefined;
  }
}
