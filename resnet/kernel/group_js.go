package kernel

// groupsAside is how many groups are laid out together, given the input and output channels of one: two of four share a panel.
func groupsAside(groups, in, out, taps int) int {
	if groupedWay(groups, in, out, taps) == wayPaired {
		return 2
	}
	return 1
}

func convGroups(dst []float32, ld int, src []float32, rows *Rows, w *GroupedWeights, e Epilogue) {
	k, each, set := w.Depth/rows.Taps, w.N/w.Groups, w.sets[0]
	way := groupedWay(w.Groups, k, each, rows.Taps)
	if way == wayBatches {
		convBatch(dst, ld, each, src, k, rows, &set, len(set.data), w.Groups, e)
		return
	}
	// The sets are whole panels, one after the other, so they are those of all channels.
	all := Weights{N: w.N, Depth: w.Depth, data: set.data}
	setConv(dst, ld, rows, all.N, all.Depth, 32*(1+all.Depth), e, 1)
	setFloats(src, &all)
	conv.zero = zeroFloats(k * w.Groups)
	conv.kind = int32(kindGrouped6 + 6 - rows.tile)
	conv.groupPanels, conv.groupBytes = int32(each/8), int32(4*k)
	if way == wayPaired {
		conv.kind = int32(kindPaired6 + 6 - rows.tile)
		conv.groupPanels, conv.groupBytes = 1, 32
	}
	runConv()
}
