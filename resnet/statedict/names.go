package statedict

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/seed8935e608/residua/weights"
)

// Dialect is a naming scheme for tensors.
type Dialect string

// The dialects that Read knows.
const (
	Torchvision  Dialect = "torchvision"  // also timm's, Residua's, and names with "shortcut" for "downsample"
	TimmV2       Dialect = "timm-v2"      // timm's pre-activation networks
	Transformers Dialect = "transformers" // Hugging Face
	Sequential   Dialect = "sequential"   // torchvision's layers by their numbers, nn.Sequential(*resnet.children())
)

// ErrUnknown is in the error for a file whose tensors are not called as those of a network that is known.
var ErrUnknown = errors.New("no residual network whose names are known")

// unknown is the error for a file without a network of a known dialect.
func unknown(f *weights.File) error {
	for _, t := range f.Tensors() {
		if meaning(t.Name) != "" {
			return unsupported(t, "")
		}
	}
	first := f.Tensors()
	if len(first) == 0 {
		return errors.New("the file holds no tensors")
	}
	return fmt.Errorf("the file holds %w: it has %d tensors, the first is %.80q", ErrUnknown, len(first), first[0].Name)
}

// rename translates a tensor's name, without prefixes, to ours.
func (d Dialect) rename(name string) (string, bool) {
	parts := strings.Split(name, ".")
	last := len(parts) - 1
	field := parts[last]
	if last == 0 {
		return "", false
	}
	layer, ok := "", false
	switch d {
	case Torchvision:
		layer, ok = torchvision(parts[:last])
	case TimmV2:
		layer, ok = timmV2(parts[:last])
	case Transformers:
		layer, ok = transformers(parts[:last])
	case Sequential:
		layer, ok = sequential(parts[:last])
	}
	if !ok || !hasField(layer, field) {
		return "", false
	}
	return layer + "." + field, true
}

// hasField reports whether one of our layers has such a tensor: norms have four, convolutions only weights, and the
// classifier weights and a bias.
func hasField(layer, field string) bool {
	part := layer[strings.LastIndexByte(layer, '.')+1:]
	norm := strings.HasPrefix(part, "bn") || part == "norm" || strings.HasSuffix(layer, "downsample.1")
	switch field {
	case "weight":
		return true
	case "bias":
		return norm || layer == "fc"
	case "running_mean", "running_var":
		return norm
	}
	return false
}

// torchvision renames conv1, bn1, layer1.0.conv1, layer1.0.bn1, layer1.0.downsample.0 and fc. A classifier in a
// Sequential after a dropout, as in much fine-tuning code, is fc.1; older CIFAR networks call it linear.
func torchvision(p []string) (string, bool) {
	switch {
	case len(p) == 1 && (p[0] == "conv1" || p[0] == "bn1" || p[0] == "norm"):
		return p[0], true
	case p[0] == "fc" || p[0] == "linear" || p[0] == "classifier":
		return "fc", len(p) == 1 || len(p) == 2 && number(p[1]) >= 0
	case len(p) < 3 || !strings.HasPrefix(p[0], "layer"):
		return "", false
	}
	stage, block := number(p[0][len("layer"):]), number(p[1])
	if stage < 1 || block < 0 {
		return "", false
	}
	return part(stage, block, p[2:], "conv", "bn", 0)
}

// timmV2 renames stem.conv, stages.0.blocks.0.conv1, …norm1, …downsample.conv, norm, head.fc.
func timmV2(p []string) (string, bool) {
	switch strings.Join(p, ".") {
	case "stem.conv":
		return "conv1", true
	case "norm":
		return "norm", true
	case "head.fc":
		return "fc", true
	}
	if len(p) < 5 || p[0] != "stages" || p[2] != "blocks" {
		return "", false
	}
	stage, block := number(p[1]), number(p[3])
	if stage < 0 || block < 0 {
		return "", false
	}
	if len(p) == 6 && p[4] == "downsample" && p[5] == "conv" {
		p = append(p[:5:5], "0")
	}
	return part(stage+1, block, p[4:], "conv", "norm", 0)
}

// sequential renames 0, 1, 4.0.conv1, …, 7.1.bn2 and, behind ReLU, pooling and perhaps a Flatten, the classifier.
func sequential(p []string) (string, bool) {
	switch at := number(p[0]); {
	case at == 0 && len(p) == 1:
		return "conv1", true
	case at == 1 && len(p) == 1:
		return "bn1", true
	case at >= 4 && at <= 7 && len(p) >= 3:
		return torchvision(append([]string{"layer" + strconv.Itoa(at-3)}, p[1:]...))
	}
	return "fc", number(p[0]) >= 8 && len(p) == 1
}

// transformers renames resnet.embedder.embedder.convolution, resnet.encoder.stages.0.layers.0.layer.0.convolution,
// ….normalization, resnet.encoder.stages.0.layers.0.shortcut.convolution, all of these also without "resnet.", and
// classifier.1.
func transformers(p []string) (string, bool) {
	if p[0] == "resnet" && len(p) > 1 {
		p = p[1:]
	}
	switch strings.Join(p, ".") {
	case "embedder.embedder.convolution":
		return "conv1", true
	case "embedder.embedder.normalization":
		return "bn1", true
	case "classifier.1":
		return "fc", true
	}
	if len(p) < 7 || p[0] != "encoder" || p[1] != "stages" || p[3] != "layers" {
		return "", false
	}
	stage, block := number(p[2]), number(p[4])
	if stage < 0 || block < 0 {
		return "", false
	}
	index := map[string]string{"convolution": "0", "normalization": "1"}[p[len(p)-1]]
	switch {
	case index == "":
		return "", false
	case len(p) == 7 && p[5] == "shortcut":
		return part(stage+1, block, []string{"shortcut", index}, "conv", "bn", 0)
	case len(p) == 8 && p[5] == "layer":
		kind := map[string]string{"0": "conv", "1": "bn"}[index]
		return part(stage+1, block, []string{kind + p[6]}, "conv", "bn", 1)
	}
	return "", false
}

// part names a part of a block: conv1, bn1, or downsample.0 and downsample.1. add is what to add to a convolution's
// number.
func part(stage, block int, p []string, conv, norm string, add int) (string, bool) {
	at := fmt.Sprintf("layer%d.%d.", stage, block)
	switch {
	case len(p) == 2 && (p[0] == "downsample" || p[0] == "shortcut") && (p[1] == "0" || p[1] == "1"):
		return at + "downsample." + p[1], true
	case len(p) != 1:
		return "", false
	}
	for ours, theirs := range map[string]string{"conv": conv, "bn": norm} {
		if index, ok := strings.CutPrefix(p[0], theirs); ok {
			n := number(index) + add
			return fmt.Sprintf("%s%s%d", at, ours, n), n >= 1 && n <= 3
		}
	}
	return "", false
}

// number reads a small integer without sign or leading zeros; it is −2 for anything else.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 9999 || strconv.Itoa(n) != s {
		return -2
	}
	return n
}

// unsupported is the error for a tensor that no supported network has.
func unsupported(t weights.Tensor, prefix string) error {
	if what := meaning(strings.TrimPrefix(t.Name, prefix)); what != "" {
		return fmt.Errorf("tensor %.80q belongs to %s, which is not supported", t.Name, what)
	}
	return fmt.Errorf("tensor %.80q has no place in a residual network whose structure is known", t.Name)
}

// meaning explains a foreign name, where its meaning is known.
func meaning(name string) string {
	in := "." + name
	for _, m := range []struct{ mark, what string }{
		{".conv1.0.", "a stem of several convolutions (ResNet-C, -D or -S)"},
		{".stem.conv1", "a stem of several convolutions (ResNet-C, -D or -S)"},
		{".stem.norm", "a network of timm's resnetv2 that has no pre-activation"},
		{".se.", "a squeeze-and-excitation block (SE-ResNet)"},
		{".se_module.", "a squeeze-and-excitation block (SE-ResNet)"},
		{".eca", "a channel attention block (ECA-ResNet)"},
		{".attn", "an attention block"},
		{".aa.", "anti-aliased pooling (ResNet-AA, BlurPool)"},
		{".filt", "anti-aliased pooling (ResNet-AA, BlurPool)"},
		{".downsample.2", "a shortcut that pools before its convolution (ResNet-D)"},
		{".downsample.norm", "a network of timm's resnetv2 that has no pre-activation"},
		{".conv2.radix", "a split-attention block (ResNeSt)"},
		{".gn", "group normalisation"},
		{".gain", "weight standardisation"},
		{".weight_g", "weight normalisation"},
		{".parametrizations", "a parametrised layer"},
		{".denseblock", "a DenseNet"},
		{".features.", "a network of another kind, such as VGG or MobileNet"},
		{".patch_embed", "a vision transformer"},
		{".embeddings.patch", "a vision transformer"},
		{".lora_", "an adapter (LoRA), not a whole network"},
	} {
		if strings.Contains(in, m.mark) {
			return m.what
		}
	}
	if strings.HasSuffix(in, ".bias") && strings.Contains(in, "conv") {
		return "a convolution with a bias besides its norm, or instead of one"
	}
	return ""
}
