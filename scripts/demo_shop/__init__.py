"""A made-up shop with a membership plan, simulated user by user.

Reading order: `timeline` (when things happen), `catalogue` (what there is to say and
sell), `people` (who they are), `visits` and `behaviour` (what they do), `profiles`
(what the shop writes down about them), `delivery` (how the rows arrive, with faults),
`simulation` (one household after another), `truth` (what was planted and counted),
`files` (how it is written). `dice` is where all chance comes from.
"""
