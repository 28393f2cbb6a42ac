"""When things happen: from a form to a recurrence and back, single dates, recurrences in words, look-alikes."""
