"""Settings, urls and the served application: the only room that knows every other one.

It decides nothing about the cooperative; it only joins the rooms and reads the environment.
"""
