"""Whole screens: the studies, one study, one trial, help, the policy picker."""
