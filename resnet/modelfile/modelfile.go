// Package modelfile opens model files that users bring: .safetensors files with the tensor names of torchvision, timm
// or Hugging Face transformers, and ONNX files, each with the JSON files that are published beside it. The result is a
// file for resnet.Load and a list of everything that had to be assumed.
//
// The result's tensors alias the file's bytes. Nothing large is allocated before every tensor has been checked.
package modelfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/onnx"
	"github.com/seed8935e608/residua/resnet/statedict"
	"github.com/seed8935e608/residua/weights"
)

// Options describe a file besides its bytes.
type Options struct {
	Name  string // the file's name, from which the model gets its name
	Sides []Side // files that were given with it
}

// Side is a JSON file that describes the network: config.json of transformers or timm, preprocessor_config.json, or a
// list of labels.
type Side struct {
	Name string
	Data []byte
}

// Opened is a user's network.
type Opened struct {
	File   *weights.File // for resnet.Load and for saving, with the card and the structure in its metadata
	Config resnet.Config
	Card   weights.Card
	Kind   Kind
	Names  string // the file's naming scheme: a statedict.Dialect, "residua" or, for ONNX, "graph"
	Notes  []Note
}

// Note reports something that the files do not say, or that is done differently: a code for programs, and a value.
type Note struct {
	Code  string
	Value string
}

// The codes of notes, in addition to those of statedict's assumptions.
const (
	// NotePreprocessing: the files give no mean and deviation, so ImageNet's are used. Value is "imagenet".
	NotePreprocessing = "preprocessing"
	// NoteInputSize: the files give no input size. Value is the side that is used, in pixels.
	NoteInputSize = "input-size"
	// NoteInterpolation: pictures are resized bilinearly, but the network expects another filter. Value is that filter,
	// such as "bicubic".
	NoteInterpolation = "interpolation"
	// NoteResize: the network expects the whole picture squeezed into a square, but gets a centre crop. Value is
	// "squash".
	NoteResize = "resize"
	// NoteLabels: the files do not name the classes. Value is "imagenet" if they are taken to be ImageNet's 1,000 in
	// the usual order, or else "numbers".
	NoteLabels = "labels"
	// NoteSoftmax: the graph ends with a softmax, which is dropped because resnet computes its own. Value is "dropped".
	NoteSoftmax = "softmax"
	// NotePadding: zeros follow the network in its file, and are left out. Value is the number of bytes.
	NotePadding = "padding"
	// NoteZeros: the last weights of the file are all zeros, as in a file that was laid out before its download. Value
	// is the number of zeros.
	NoteZeros = "zeros"
)

// Open recognises the network in a file. Errors are Refusals: clauses for people, which name the tensor, the node or
// the file to blame.
func Open(file []byte, o Options) (*Opened, error) {
	opened, err := recognise(file, o, crc32.ChecksumIEEE(file))
	var size *weights.SizeError
	if errors.As(err, &size) && size.Want < size.Size && len(bytes.Trim(file[size.Want:], "\x00")) == 0 {
		opened, err = recognise(file[:size.Want], o, crc32.ChecksumIEEE(file))
		if err == nil {
			opened.note(NotePadding, strconv.FormatInt(size.Size-size.Want, 10))
		}
	}
	if err != nil {
		return nil, asRefusal(err)
	}
	return opened, nil
}

// recognise is Open for a file whose checksum is sum.
func recognise(file []byte, o Options, sum uint32) (*Opened, error) {
	about, err := readSides(o.Sides)
	if err != nil {
		return nil, err
	}
	opened := &Opened{Kind: Sniff(file)}
	var tensors []weights.Tensor
	switch opened.Kind {
	case Safetensors:
		f, err := weights.Parse(file)
		if err != nil {
			return nil, err
		}
		if _, ours := f.Metadata[weights.ConfigKey]; ours {
			return opened.ours(f)
		}
		n, err := statedict.Read(f, about.hints)
		if err != nil {
			return nil, err
		}
		opened.Config, opened.Names, tensors = n.Config, string(n.Dialect), n.Tensors
		for _, a := range n.Assumed {
			opened.note(a.Code, a.Value)
		}
		if zeros := zerosAtEnd(f); zeros > 0 {
			opened.note(NoteZeros, strconv.Itoa(zeros))
		}
	case ONNX:
		n, err := onnx.Import(file)
		if err != nil {
			return nil, err
		}
		opened.Config, opened.Names, tensors = n.Config, "graph", n.Tensors
		if _, ours := n.Metadata[weights.CardKey]; ours {
			return opened.exported(n)
		}
		if n.Softmax {
			opened.note(NoteSoftmax, "dropped")
		}
		about.graphSize = n.InputSize
	default:
		if other := notAModel(file, opened.Kind, o.Name); other != nil {
			return nil, other
		}
		return nil, opened.Kind.refusal()
	}
	if err := about.agrees(opened.Config); err != nil {
		return nil, err
	}
	if opened.Card, err = opened.card(about, o.Name, sum); err != nil {
		return nil, err
	}
	return opened, opened.assemble(tensors)
}

// ours opens a file that has the network's structure in its metadata.
func (o *Opened) ours(f *weights.File) (*Opened, error) {
	var err error
	if o.Config, o.Card, err = resnet.Describe(f); err != nil {
		return nil, err
	}
	o.Names, o.File = "residua", f
	tensors := f.Tensors()
	kept := make([]weights.Tensor, 0, len(tensors))
	for _, t := range tensors {
		if !strings.HasSuffix(t.Name, ".num_batches_tracked") {
			kept = append(kept, t)
		}
	}
	return o, statedict.Verify(o.Config, kept)
}

// exported uses the card in a graph that onnx.Export wrote. The structure is derived from the graph.
func (o *Opened) exported(n *onnx.Network) (*Opened, error) {
	var err error
	if o.Card, err = weights.CardFrom(n.Metadata); err != nil {
		return nil, err
	}
	return o, o.assemble(n.Tensors)
}

// assemble makes a file of the tensors, the structure and the card.
func (o *Opened) assemble(tensors []weights.Tensor) error {
	structure, err := json.Marshal(o.Config)
	if err != nil {
		return err
	}
	card, err := o.Card.Encode()
	if err != nil {
		return err
	}
	metadata := map[string]string{"format": "pt", weights.ConfigKey: string(structure), weights.CardKey: card}
	if o.File, err = weights.NewFile(metadata, tensors); err != nil {
		return err
	}
	_, _, err = resnet.Describe(o.File)
	return err
}

// zerosAtEnd counts the zeros at the end of a file's weights, or is 0 if they are fewer than a download's smallest
// block. Vectors do not count: biases may well be zeros.
func zerosAtEnd(f *weights.File) int {
	zeros := 0
	for _, t := range slices.Backward(f.Tensors()) {
		n := len(t.Data) - len(bytes.TrimRight(t.Data, "\x00"))
		if len(t.Shape) > 1 {
			zeros += n / t.DType.Size()
		}
		if n < len(t.Data) {
			break
		}
	}
	if zeros < 1024 {
		return 0
	}
	return zeros
}

func (o *Opened) note(code, value string) { o.Notes = append(o.Notes, Note{code, value}) }

// Kind is the kind of a file.
type Kind string

// The kinds that Sniff recognises. Open takes the first two; JSON files belong in Options.Sides.
const (
	Safetensors Kind = "safetensors"
	ONNX        Kind = "onnx"
	JSON        Kind = "json"
	Pickle      Kind = "pickle" // PyTorch's own .pt, .pth, .bin
	HDF5        Kind = "hdf5"   // Keras
	Other       Kind = "other"
)

// Sniff recognises a file by its first bytes, for which 16 are enough.
func Sniff(b []byte) Kind {
	head := string(b[:min(len(b), 16)])
	switch {
	case len(b) >= 9 && b[8] == '{' && head[3:8] == "\x00\x00\x00\x00\x00":
		return Safetensors
	case strings.HasPrefix(head, "PK\x03\x04"), strings.HasPrefix(head, "\x80\x02"):
		return Pickle
	case strings.HasPrefix(head, "\x89HDF"):
		return HDF5
	case strings.HasPrefix(strings.TrimLeft(head, "\ufeff \t\r\n"), "{"), strings.HasPrefix(head, "["):
		return JSON
	case len(b) >= 2 && b[0] == 0x08 && b[1] < 0x80: // field 1, the format's version
		return ONNX
	}
	return Other
}

// refusal is the error for another program's file, and says what to do.
func (k Kind) refusal() error {
	switch k {
	case Pickle:
		return errors.New("this is a PyTorch file (.pt, .pth, .bin), which is a program that runs when it is opened; " +
			"save the state dict as .safetensors instead")
	case HDF5:
		return errors.New("this is a Keras file (HDF5); export the model as ONNX")
	}
	return errors.New("this is a JSON file, which has no weights; give it together with the .safetensors or .onnx file")
}
