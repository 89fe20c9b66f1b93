package kernel

import "github.com/seed8935e608/residua/resnet/kernel/layout"

func convGroups(dst []float32, ld int, src []float32, rows *Rows, w *GroupedWeights, e Epilogue) {
	k, each, set := w.Depth/rows.Taps, w.N/w.Groups, w.sets[0]
	if w.algorithm == GroupByGroup {
		convBatch(dst, ld, each, src, k, rows, &set, len(set.data), w.Groups, e)
		return
	}
	// The sets are whole panels, one after the other, so they are those of all channels.
	all := Weights{N: w.N, Depth: w.Depth, data: set.data}
	setConv(dst, ld, rows, all.N, all.Depth, 32*(1+all.Depth), e, 1)
	setFloats(src, &all)
	conv.Zero = zeroFloats(k * w.Groups)
	if w.algorithm == Paired {
		conv.Kind = convKind(layout.Paired, rows.tile)
		conv.GroupPanels, conv.GroupBytes = 1, 32
	} else {
		conv.Kind = convKind(layout.Grouped, rows.tile)
		conv.GroupPanels, conv.GroupBytes = int32(each/8), int32(4*k)
	}
	runConv()
}
