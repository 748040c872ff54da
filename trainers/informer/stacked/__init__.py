"""Several Informers of one shape trained as one: every weight has a leading axis K, a row a trial.

The trials' batches lie one behind the other, so that what has no weights works on them as on one batch.
Rows never meet: what happens to one trial leaves its neighbours as they were.
"""
