"""How the scorer is learnt: invented worlds with known truth, training, and the report that goes with the model.

Nothing here runs while people wait, and nothing here reads the database.
"""
