"""The conformance kit: a nasty network and server for till programs, and a check of servers, by the contract.

All cases stand in `cases.json`, for programs in any language.
"""
