"""Where cells fold, on a tree of plain tuples: what folded_cells says, without its SQL."""

from collections import Counter


def folded(users, minimum):
    """The segment of each user; users are tuples of values, the coarsest first.

    A segment is known here by the values that its users have in common: all of them,
    or the first ones where cells were folded.
    """
    count = len(users[0])
    place = {cell: cell for cell in set(users)}

    def sizes():
        return Counter(place[user] for user in users)

    def name(kept):
        parts = kept if len(kept) == count else (*kept, "(other)")
        return " / ".join(parts)

    def move(here, there):
        for cell, at in place.items():
            if at == here:
                place[cell] = there

    for cell, size in sizes().items():
        if size < minimum:
            move(cell, cell[:-1])
    for length in range(count - 1, -1, -1):
        for parent in {cell[:length] for cell in place}:
            size = sizes()
            if not 0 < size.get(parent, 0) < minimum:
                continue
            kept = [at for at in size if len(at) > length and at[:length] == parent]
            if kept:
                move(min(kept, key=lambda at: (size[at], name(at))), parent)
            elif length:
                move(parent, parent[:-1])
    return [name(place[user]) for user in users]
