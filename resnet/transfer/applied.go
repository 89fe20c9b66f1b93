package transfer

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// This file is about what a Taught changes in the network itself: its last blocks, or the statistics of its norms.

// errBoth is the error for what has no file and no network.
var errBoth = errors.New(
	"a classifier goes with statistics of its own for the norms or with trained blocks, not with both")

// network gives the tensors of the network that are others than those of the one that was taught.
func (t *Taught) network() ([]weights.Tensor, error) {
	if t.Norms != nil && len(t.Tuned) > 0 {
		return nil, errBoth
	}
	if t.Norms != nil {
		return t.Norms.Tensors()
	}
	// Norms and biases are float32, and so are the convolutions here.
	var out []weights.Tensor
	for i := range t.Tuned {
		block, err := t.Tuned[i].Tensors(weights.F32)
		if err != nil {
			return nil, err
		}
		out = append(out, block...)
	}
	return out, nil
}

// readNetwork reads what a file holds of the network, and notes which tensors these are.
func (t *Taught) readNetwork(r *reader, card *taughtCard, m *resnet.Model) (err error) {
	depth := card.Depth
	if depth == 0 && !card.Norms && len(r.known) < len(r.file.Tensors()) {
		depth = 1 // files do not say so
	}
	if card.Norms && depth > 0 {
		return errBoth
	}
	if depth < 0 || depth > m.Config.MaxDepth() {
		return fmt.Errorf("the file has %d trained blocks; of this network at most %d can be trained",
			depth, m.Config.MaxDepth())
	}
	if card.Norms {
		if t.Norms, err = m.Config.ReadNorms(r.file); err != nil {
			return err
		}
		for _, n := range t.Norms {
			r.known[n.Name+".running_mean"], r.known[n.Name+".running_var"] = true, true
		}
	}
	if depth > 0 {
		if t.Tuned, err = m.ReadLastBlocks(r.file, depth); err != nil {
			return err
		}
		if err := t.checkBlock(m.Config); err != nil {
			return err
		}
		for i := range t.Tuned {
			for _, name := range t.Tuned[i].TensorNames() {
				r.known[name] = true
			}
		}
	}
	return nil
}

// Apply gives the network as it was taught, without the classifier: m with the trained blocks, or with the statistics
// of the norms. It is m itself if these are m's. The result shares with m what it can; see resnet.Model.With and
// WithNorms for its memory.
func (t *Taught) Apply(m *resnet.Model) (*resnet.Model, error) {
	tensors, err := t.network()
	if err != nil || len(tensors) == 0 {
		return m, err
	}
	if t.Norms != nil {
		return m.WithNorms(t.Norms)
	}
	return m.With(tensors)
}

// readChanges finds what of a whole network f differs from m as far as f goes, whose structure is c: nothing, the
// statistics of norms, or the last blocks. Any other difference is an error, and so are blocks of a network that is
// shorter than m.
func (t *Taught) readChanges(f *weights.File, m *resnet.Model, c resnet.Config) (err error) {
	var names []string
	whole := "the network here"
	if t.Blocks == nil {
		for _, tensor := range m.File().Tensors() {
			names = append(names, tensor.Name)
		}
	} else {
		whole = "its structure"
		for _, spec := range c.Tensors() {
			names = append(names, spec.Name)
		}
	}
	if n := len(f.Tensors()); n != len(names) {
		return fmt.Errorf("it has %d tensors, and %s has %d", n, whole, len(names))
	}
	statistics := map[string]bool{}
	for _, n := range c.Norms() {
		statistics[n.Name+".running_mean"], statistics[n.Name+".running_var"] = true, true
	}
	depthOf := map[string]int{} // of the tensors of the last blocks: how many blocks there are from there on
	specs := m.Config.Blocks()
	for depth := m.Config.MaxDepth(); depth > 0 && t.Blocks == nil; depth-- {
		for _, tensor := range specs[len(specs)-depth].Tensors() {
			depthOf[tensor.Name] = depth
		}
	}
	depth, onlyStatistics, earlier := 0, true, ""
	for _, name := range names {
		if name == "fc.weight" || name == "fc.bias" || sameTensor(f, m.File(), name) {
			continue
		}
		if depthOf[name] == 0 && (earlier == "" || !statistics[name]) {
			earlier = name
		}
		onlyStatistics, depth = onlyStatistics && statistics[name], max(depth, depthOf[name])
	}
	switch {
	case depth == 0 && earlier == "":
	case onlyStatistics:
		t.Norms, err = readNorms(f, m, c)
	case earlier != "":
		return errOtherTensor(earlier)
	default:
		t.Tuned, err = m.ReadLastBlocks(f, depth)
	}
	return err
}

// readNorms reads the statistics of a whole network of the structure c. Those of the norms that it lacks are m's.
func readNorms(f *weights.File, m *resnet.Model, c resnet.Config) (resnet.Norms, error) {
	found, err1 := c.ReadNorms(f)
	all, err2 := m.Config.ReadNorms(m.File())
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	for i, of := range all {
		at := slices.IndexFunc(found, func(n resnet.NormStatistics) bool { return n.Name == of.Name })
		if at >= 0 {
			all[i] = found[at]
		}
	}
	return all, nil
}
