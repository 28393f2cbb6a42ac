"""The invented cooperative round Lausanne: true places, everything else made up by a seeded dice.

`world` invents, `lists` writes what four holders know of it, `loading` pours it into an instance. The same seed and
day give the same bytes. Must never hold a real person, association, mailbox or telephone number.
"""
