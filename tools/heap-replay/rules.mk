# `make traces`: what programs of the image ask of malloc, for heap-replay.
.PHONY: traces
traces: $(BUILD)/bench/malloc/traces.stamp
	@ls -l $(BUILD)/bench/malloc/traces/*.trace
