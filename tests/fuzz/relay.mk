# The host's side of cairn-run's channel.
FUZZ_relay := tools/cairn-run/relay.c
FUZZ_NAMES += relay
