package statedict

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

func prefixed(prefix string) func(string) string {
	return func(name string) string { return prefix + name }
}

// numbered names a network's layers as nn.Sequential(*resnet.children()) does.
var numbered = strings.NewReplacer("layer1", "4", "layer2", "5").Replace

// split gives the classifier another prefix than the rest.
func split(backbone, classifier string) func(string) string {
	return func(name string) string {
		if field, ok := strings.CutPrefix(name, "fc."); ok {
			return classifier + "." + field
		}
		return backbone + name
	}
}

// sequentialNames is split for layers by their numbers.
func sequentialNames(backbone, classifier string) func(string) string {
	return func(name string) string {
		switch {
		case strings.HasPrefix(name, "conv1."):
			name = "0." + name[len("conv1."):]
		case strings.HasPrefix(name, "bn1."):
			name = "1." + name[len("bn1."):]
		}
		return split(backbone, classifier)(numbered(name))
	}
}

// transformersNames is a network's tensors as Hugging Face names them, without "resnet.".
func transformersNames(name string) string {
	p := strings.Split(name, ".")
	switch p[0] {
	case "conv1":
		return "embedder.embedder.convolution." + p[1]
	case "bn1":
		return "embedder.embedder.normalization." + p[1]
	case "fc":
		return name
	}
	at := "encoder.stages." + string(p[0][5]-1) + ".layers." + p[1] + "."
	kinds := map[byte]string{'c': "convolution", 'b': "normalization", '0': "convolution", '1': "normalization"}
	if p[2] == "downsample" {
		return at + "shortcut." + kinds[p[3][0]] + "." + p[4]
	}
	return at + "layer." + string(p[2][len(p[2])-1]-1) + "." + kinds[p[2][0]] + "." + p[3]
}

// TestPrefixes: whatever wraps a network, its tensors are found, and the note says what was passed over.
func TestPrefixes(t *testing.T) {
	prefix := func(value string) []Assumption { return []Assumption{{AssumedPrefix, value}} }
	head := func(value, classifier string) []Assumption {
		return []Assumption{{AssumedPrefix, value}, {AssumedClassifier, classifier}}
	}
	for _, c := range []struct {
		name   string
		rename func(string) string
		want   []Assumption
	}{
		{"none", same, nil},
		{"torch.compile", prefixed("_orig_mod."), prefix("_orig_mod.")},
		{"compiled, then parallel", prefixed("module._orig_mod."), prefix("module._orig_mod.")},
		{"parallel, then compiled", prefixed("_orig_mod.module."), prefix("_orig_mod.module.")},
		{"Lightning", prefixed("model._orig_mod."), prefix("model._orig_mod.")},
		{"DeepSpeed", prefixed("_forward_module.module."), prefix("_forward_module.module.")},
		{"a checkpoint's state dict", prefixed("state_dict.net."), prefix("state_dict.net.")},
		{"only the average", prefixed("model_ema.module."), prefix("model_ema.module.")},
		{"words of nobody else", prefixed("my_cnn.2.Körper."), prefix("my_cnn.2.Körper.")},
		{"an encoder", prefixed("encoder."), prefix("encoder.")},
		{"timm in transformers", prefixed("timm_model."), prefix("timm_model.")},
		{"blocks that are compiled", strings.NewReplacer("layer1.", "layer1._orig_mod.").Replace, prefix("_orig_mod.")},
		{"FSDP", strings.NewReplacer("layer1.0.", "layer1.0._fsdp_wrapped_module._checkpoint_wrapped_module.",
			"conv1.", "conv1._fsdp_wrapped_module.").Replace, prefix("_fsdp_wrapped_module.")},
		{"Lightning's backbone and head", split("model.backbone.", "model.head"),
			head("model.backbone.", "model.head")},
		{"mmpretrain", split("backbone.", "head.fc"), head("backbone.", "head.fc")},
		{"a head behind a dropout", split("encoder.", "classifier.1"), head("encoder.", "classifier.1")},
		{"a head put on afterwards", split("_orig_mod.", "fc"), head("_orig_mod.", "fc")},
		{"a head without prefixes", split("", "head"), []Assumption{{AssumedClassifier, "head"}}},
		{"children", sequentialNames("feature_extractor.", "classifier"),
			head("feature_extractor.", "classifier")},
		{"children, all in one", sequentialNames("", "10"), nil},
		{"children in fastai", sequentialNames("0.", "1.out"), head("0.", "1.out")},
		{"transformers, the network alone", func(name string) string {
			return split("model.", "fc")(transformersNames(name))
		}, head("model.", "fc")},
		{"transformers, wrapped", func(name string) string {
			return split("module.resnet.", "module.classifier.1")(transformersNames(name))
		}, prefix("module.")},
	} {
		t.Run(c.name, func(t *testing.T) {
			tensors := tensorsOf(small(func(*resnet.Config) {}))
			n, err := Read(file(t, tensors, c.rename), Hints{StrideIn: resnet.StrideIn3x3, NormEpsilon: 1e-5})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(n.Assumed, c.want) {
				t.Errorf("it assumes %v, want %v", n.Assumed, c.want)
			}
			if len(n.Tensors) != len(tensors) {
				t.Errorf("%d tensors of %d", len(n.Tensors), len(tensors))
			}
			for _, want := range tensors {
				at := slices.IndexFunc(n.Tensors, func(t weights.Tensor) bool { return t.Name == want.Name })
				if at < 0 || !reflect.DeepEqual(n.Tensors[at], want) {
					t.Errorf("%s is lost", want.Name)
				}
			}
		})
	}
}

// copied makes a file of a network's tensors under each prefix, and others.
func copied(t *testing.T, prefixes []string, change func(map[string]weights.Tensor)) *weights.File {
	d := map[string]weights.Tensor{}
	for _, x := range tensorsOf(small(func(*resnet.Config) {})) {
		for _, prefix := range prefixes {
			x := x
			x.Name = prefix + x.Name
			x.Data = slices.Clone(x.Data)
			d[x.Name] = x
		}
	}
	change(d)
	for name, x := range d {
		x.Name = name
		d[name] = x
	}
	tensors := slices.SortedFunc(maps.Values(d), func(a, b weights.Tensor) int { return strings.Compare(a.Name, b.Name) })
	return file(t, tensors, same)
}

// TestBesideTheNetwork: what else is in a file is left out with a note, or refused with its name.
func TestBesideTheNetwork(t *testing.T) {
	rename := func(d map[string]weights.Tensor, from, to string) {
		for name, x := range d {
			if strings.HasPrefix(name, from) {
				delete(d, name)
				d[to+name[len(from):]] = x
			}
		}
	}
	for _, c := range []struct {
		name     string
		prefixes []string
		change   func(map[string]weights.Tensor)
		want     []Assumption // if there is no error
		refusal  string
	}{
		{"batch counters", []string{"m."}, func(d map[string]weights.Tensor) {
			d["m.bn1.num_batches_tracked"] = ones("x")
		}, []Assumption{{AssumedPrefix, "m."}}, ""},
		{"an optimizer's state", []string{""}, func(d map[string]weights.Tensor) {
			d["optimizer.state.0.exp_avg"] = ones("x", 2)
			d["optimizer.exp_avg.layer1.0.conv1.weight"] = ones("x", 2, 2, 1, 1)
			d["layer1.0.conv1.total_ops"] = ones("x", 1)
			d["global_step"] = ones("x", 1)
		}, []Assumption{{AssumedTraining, "global_step, total_ops, optimizer"}}, ""},
		{"weights of a loss", []string{"model."}, func(d map[string]weights.Tensor) {
			d["criterion.weight"] = ones("x", 3)
			d["n_averaged"] = ones("x", 1)
		}, []Assumption{{AssumedPrefix, "model."}, {AssumedTraining, "criterion, n_averaged"}}, ""},
		{"a step inside the network", []string{"model."}, func(d map[string]weights.Tensor) {
			d["model.layer1.0.step"] = ones("x", 1)
		}, nil, `"model.layer1.0.step" has no place`},
		{"the same network twice", []string{"model.", "attacker.model."}, func(map[string]weights.Tensor) {},
			[]Assumption{{AssumedPrefix, "model."}, {AssumedCopy, "attacker.model."}}, ""},
		{"an average beside the original", []string{"model.", "model_ema.module."}, func(d map[string]weights.Tensor) {
			copy(d["model_ema.module.fc.bias"].Data, []byte{0, 0, 0, 0x3f})
		}, nil, `two networks with different weights, one under "model." and one under "model_ema.module."`},
		{"an average beside the original, without prefix", []string{"", "ema."}, func(d map[string]weights.Tensor) {
			copy(d["fc.bias"].Data, []byte{0, 0, 0, 0x3f})
		}, nil, `one without a prefix and one under "ema."`},
		{"a copy with more tensors", []string{"encoder_q.", "encoder_k."}, func(d map[string]weights.Tensor) {
			d["encoder_q.queue"] = ones("x", 2)
		}, nil, "two networks"},
		{"a head of two layers", []string{"backbone."}, func(d map[string]weights.Tensor) {
			rename(d, "backbone.fc.", "head.0.")
			d["head.2.weight"] = ones("x", 3, 3)
		}, nil, `of a residual network under "backbone." and 3 of something else under "head", such as "head.0.`},
		{"a projection", []string{"backbone."}, func(d map[string]weights.Tensor) {
			rename(d, "backbone.fc.", "projector.")
		}, nil, "a classifier must be one linear layer, with a name such as fc or classifier"},
		{"a second classifier", []string{"backbone."}, func(d map[string]weights.Tensor) {
			d["head.weight"] = ones("x", 3, 3)
		}, nil, `1 of something else under "head", such as "head.weight"; save the network alone`},
		{"a loss in place of a classifier", []string{""}, func(d map[string]weights.Tensor) {
			rename(d, "fc.", "criterion.")
		}, nil, "no classifier"},
		{"a head for other features", []string{"backbone."}, func(d map[string]weights.Tensor) {
			rename(d, "backbone.fc.", "head.")
			d["head.weight"] = ones("x", 3, 5)
		}, nil, `"head.weight" has the shape [3 5]; in this network it must be [3 16]`},
		{"a module that normalises", []string{"1."}, func(d map[string]weights.Tensor) {
			d["0.mean"] = ones("x", 3)
		}, nil, `1 of something else under "0", such as "0.mean"`},
		{"attention beside it", []string{"model."}, func(d map[string]weights.Tensor) {
			d["model.layer1.0.se.fc.weight"] = ones("x", 3)
		}, nil, "squeeze-and-excitation"},
		{"features is only a prefix", []string{"features."}, func(d map[string]weights.Tensor) {
			d["features.layer1.0.conv4.weight"] = ones("x", 3)
		}, nil, `"features.layer1.0.conv4.weight" has no place`},
		{"a name twice, once wrapped", []string{""}, func(d map[string]weights.Tensor) {
			d["layer1.module.0.conv1.weight"] = d["layer1.0.conv1.weight"]
		}, nil, "have the same part"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := Read(copied(t, c.prefixes, c.change), Hints{StrideIn: resnet.StrideIn3x3, NormEpsilon: 1e-5})
			switch {
			case c.refusal != "":
				if err == nil || !strings.Contains(err.Error(), c.refusal) {
					t.Errorf("the error is\n%v\nand does not say\n%s", err, c.refusal)
				}
			case err != nil:
				t.Error(err)
			case !reflect.DeepEqual(n.Assumed, c.want):
				t.Errorf("it assumes %v, want %v", n.Assumed, c.want)
			}
		})
	}
}
