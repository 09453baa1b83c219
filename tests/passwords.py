"""The password of everybody in the tests."""

from argon2 import PasswordHasher

PASSWORD = "correct horse"
# What a hash costs stands in the hash. The product's are slow by intent; nobody steals this one.
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HASH = HASHER.hash(PASSWORD)
