"""What an editor asks of a policy: hovers, completion, outline, formatting, renames, refactorings.

Start at `claimlens.apim.editing.place.place_at`, which says what stands at an offset, finished or half typed; most of
the others begin there. `hover` and `completion` show what `pages` has to say; `code_types` knows what type a piece of
C# has; `names` finds variables, fragments and named values with everything that speaks of them; `structure`,
`formatting` and `refactorings` do what their names say. `sources` says in which documents all this is offered.

All of it is pure: documents and offsets go in, values come out. Offsets count in the policy's own text; whoever shows
a policy that stands in a string of another file maps them (`claimlens.apim.sources.PolicySource`).
"""
