package statedict

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed8935e608/residua/weights"
)

// group is where a file has a residual network: the names of its tensors, without the prefix, are those of a dialect.
type group struct {
	dialect Dialect
	prefix  string // such as "module.backbone.", or ""
}

// marks are the names, without a prefix, of one convolution that every network of a dialect has.
var marks = []struct {
	dialect Dialect
	parts   []string
}{
	{Torchvision, strings.Split("layer1.0.conv1.weight", ".")},
	{TimmV2, strings.Split("stages.0.blocks.0.conv1.weight", ".")},
	{Transformers, strings.Split("encoder.stages.0.layers.0.layer.0.convolution.weight", ".")},
	{Sequential, strings.Split("4.0.conv1.weight", ".")},
}

// wrappers are the parts of names that torch.compile, FSDP, DeepSpeed and data parallelism add where they wrap a
// module, which may be in the middle of a name.
var wrappers = []string{"_orig_mod", "_fsdp_wrapped_module", "_fpw_module", "_checkpoint_wrapped_module",
	"_forward_module", "module"}

// training are first words of names that belong to the training and not to the network: optimizers, losses, metrics and
// counters.
var training = []string{"optimizer", "optimizers", "optimizer_state", "optimizer_states", "optimizer_state_dict",
	"optim", "scheduler", "schedulers", "lr_scheduler", "lr_schedulers", "scaler", "grad_scaler", "amp_scaler",
	"criterion", "loss", "loss_fn", "loss_func", "metrics", "train_metrics", "val_metrics", "test_metrics", "train_acc",
	"val_acc", "test_acc", "epoch", "step", "global_step", "iteration", "rng_state"}

// states are parts of such names wherever they stand.
var states = []string{"exp_avg", "exp_avg_sq", "max_exp_avg_sq", "momentum_buffer", "square_avg", "n_averaged",
	"confmat", "total_ops", "total_params"}

func isTraining(part string) bool {
	return slices.Contains(training, part) || slices.Contains(states, part)
}

// ofTraining reports whether a name belongs to the training. what is the part that says so. Inside the network, whose
// names have the prefix, a layer may well have a "step" or a "loss".
func ofTraining(name, prefix string) (what string, ok bool) {
	rest, inside := strings.CutPrefix(name, prefix)
	for i, part := range strings.Split(rest, ".") {
		if slices.Contains(states, part) || (i == 0 || !inside) && isTraining(part) {
			return part, true
		}
	}
	return "", false
}

// locate finds the network in a file by the names of its tensors. copies are the prefixes under which the same weights
// stand again; a second network with other weights is an error.
func locate(f *weights.File) (found group, copies []string, err error) {
	var all []group
	for _, t := range f.Tensors() {
		if !strings.Contains(t.Name, "conv") {
			continue
		}
		g, ok := marked(f, t.Name)
		if ok && !slices.Contains(all, g) && !slices.ContainsFunc(strings.Split(g.prefix, "."), isTraining) {
			all = append(all, g)
		}
	}
	if len(all) == 0 {
		return group{}, nil, unknown(f)
	}
	slices.SortStableFunc(all, func(a, b group) int { return cmp.Compare(len(a.prefix), len(b.prefix)) })
	for _, other := range all[1:] {
		if !isCopy(f, all[0], other) {
			return group{}, nil, fmt.Errorf("the file holds two networks with different weights, one %s and one %s; "+
				"save the one that you want alone", under(all[0].prefix), under(other.prefix))
		}
		copies = append(copies, other.prefix)
	}
	return all[0], copies, nil
}

// marked reports whether a tensor's name ends with the mark of a dialect.
func marked(f *weights.File, name string) (group, bool) {
	parts := strings.Split(name, ".")
	for _, m := range marks {
		n, ok := withoutMark(parts, m.parts)
		if !ok {
			continue
		}
		g := group{dialect: m.dialect}
		if n > 0 {
			g.prefix = strings.Join(parts[:n], ".") + "."
		}
		switch g.dialect {
		case Transformers: // "resnet." is its own; the classifier stands beside it
			if n > 0 && parts[n-1] == "resnet" {
				g.prefix = strings.TrimSuffix(g.prefix, "resnet.")
			}
		case Sequential: // numbers alone mean little
			if stem, ok := f.Tensor(g.prefix + "0.weight"); !ok || len(stem.Shape) != 4 {
				continue
			}
		}
		return g, true
	}
	return group{}, false
}

// withoutMark reports whether a name ends with a mark, between whose parts wrappers may stand, and counts the parts
// before it.
func withoutMark(name, mark []string) (before int, ok bool) {
	at := len(name)
	for i := len(mark) - 1; i >= 0; {
		if at--; at < 0 {
			return 0, false
		}
		switch {
		case name[at] == mark[i]:
			i--
		case i < len(mark)-1 && slices.Contains(wrappers, name[at]):
		default:
			return 0, false
		}
	}
	return at, true
}

// unwrapped removes the wrappers from a name without its prefix. wrapper is the last of them, or "".
func unwrapped(name string) (plain, wrapper string) {
	if !strings.Contains(name, "mod") { // as most names do not
		return name, ""
	}
	parts := slices.DeleteFunc(strings.Split(name, "."), func(part string) bool {
		found := slices.Contains(wrappers, part)
		if found {
			wrapper = part + "."
		}
		return found
	})
	return strings.Join(parts, "."), wrapper
}

// isCopy reports whether every tensor under b's prefix is there under a's, with the same values.
func isCopy(f *weights.File, a, b group) bool {
	if a.dialect != b.dialect {
		return false
	}
	for _, t := range f.Tensors() {
		rest, ok := strings.CutPrefix(t.Name, b.prefix)
		if !ok || strings.HasSuffix(rest, counter) {
			continue
		}
		other, ok := f.Tensor(a.prefix + rest)
		if !ok || other.DType != t.DType || !slices.Equal(other.Shape, t.Shape) || !bytes.Equal(other.Data, t.Data) {
			return false
		}
	}
	return true
}

// under says where the tensors with a prefix are.
func under(prefix string) string {
	if prefix == "" {
		return "without a prefix"
	}
	return fmt.Sprintf("under %.80q", prefix)
}

// classifiers are the usual names of a classifier that stands outside the network's own names, without its number.
var classifiers = []string{"fc", "_fc", "fc_out", "cls_fc", "linear", "last_linear", "dense", "classifier",
	"classification_head", "class_head", "cls", "clf", "cls_head", "head", "head_fc", "logits", "out", "output",
	"output_layer", "last_layer", "final", "final_layer", "predictor"}

// asClassifier reports whether some tensors are one linear layer with a classifier's name: weights, and perhaps a bias.
// layer is the name.
func asClassifier(tensors []weights.Tensor) (layer string, ok bool) {
	if len(tensors) == 0 || len(tensors) > 2 {
		return "", false
	}
	for _, t := range tensors {
		at := strings.LastIndexByte(t.Name, '.')
		if at < 0 || layer != "" && t.Name[:at] != layer {
			return "", false
		}
		layer = t.Name[:at]
		switch field := t.Name[at+1:]; {
		case field == "weight" && (len(t.Shape) == 2 || is1x1(t.Shape)):
			ok = true
		case field != "bias" || len(t.Shape) != 1:
			return "", false
		}
	}
	for _, part := range slices.Backward(strings.Split(layer, ".")) {
		if word := strings.TrimRight(part, "0123456789"); word != "" && !slices.Contains(wrappers, word) {
			return layer, ok && slices.Contains(classifiers, strings.ToLower(word))
		}
	}
	return "", false
}

// is1x1 reports whether weights of this shape are a 1×1 convolution's.
func is1x1(shape []int) bool { return len(shape) == 4 && shape[2] == 1 && shape[3] == 1 }

// foreign is the error for tensors that are not part of the network that the others make.
func (d *dict) foreign(others []weights.Tensor, prefix string) error {
	for _, t := range others {
		if meaning(strings.TrimPrefix(t.Name, prefix)) != "" {
			return unsupported(t, prefix)
		}
	}
	first := others[0]
	name := strings.TrimPrefix(first.Name, prefix)
	beside := first.Name[:len(first.Name)-len(name)+strings.IndexByte(name+".", '.')]
	for _, theirs := range d.theirs {
		if strings.HasPrefix(theirs, beside+".") {
			return unsupported(first, prefix)
		}
	}
	n := 0
	for _, t := range others {
		if t.Name == beside || strings.HasPrefix(t.Name, beside+".") {
			n++
		}
	}
	advice := "save the network alone"
	if !d.has("fc.weight") {
		advice = "a classifier must be one linear layer, with a name such as fc or classifier"
	}
	return fmt.Errorf("the file has two groups of tensors, %d of a residual network %s and %d of something else under "+
		"%.80q, such as %.80q; %s", len(d.order), under(prefix), n, beside, first.Name, advice)
}
