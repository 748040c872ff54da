"""Several models of one shape trained as one: every tensor has a leading axis K, a row a trial.

Rows never meet: no operation mixes them, so that what happens to one trial leaves its neighbours as they were.
"""
