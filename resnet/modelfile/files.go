package modelfile

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seed8935e608/residua/resnet/onnx"
	"github.com/seed8935e608/residua/weights"
)

// GivenFile is one of a network's files, before it is read.
type GivenFile struct {
	Name string
	Size int64
	Data io.ReaderAt
}

// ErrTooLarge is in the error for weights that are larger than the limit of OpenFiles.
var ErrTooLarge = errors.New("too large")

// OpenFiles finds a network in the files that somebody gives together, in any order: weights in one file, in the parts
// of a checkpoint, or in an ONNX graph with its external data, and files that describe the network. It is Open for the
// rest. A file that is not used is named in a note. Two networks are an error, and so is a part that is missing.
//
// OpenFiles reads the first bytes of each file, and then only what belongs to the network: of weights at most limit
// bytes. Errors of reading are wrapped.
func OpenFiles(files []GivenFile, limit int64) (*Opened, error) {
	c := &collection{left: limit, limit: limit}
	for _, f := range files {
		head, err := f.read(min(f.Size, headBytes))
		if err != nil {
			return nil, asRefusal(err)
		}
		if head, err = f.withZipTail(head); err != nil {
			return nil, asRefusal(err)
		}
		c.files = append(c.files, candidate{GivenFile: f, head: head, kind: Sniff(head)})
	}
	s, err := c.pick()
	if err != nil {
		return nil, asRefusal(err)
	}
	s.data, s.rest = func(name string) ([]byte, error) { return c.external(s, name) }, c.rest
	return s.open()
}

// read gives the first n bytes.
func (f GivenFile) read(n int64) ([]byte, error) {
	b := make([]byte, n)
	if k, err := f.Data.ReadAt(b, 0); k < len(b) {
		return nil, f.unreadable(err)
	}
	return b, nil
}

func (f GivenFile) unreadable(err error) error {
	values := map[string]string{"file": printable(f.Name)}
	return withValues(WhyUnreadable, values, fmt.Errorf("%.120q cannot be read: %w", f.Name, err))
}

// source is what Open and OpenFiles open.
type source struct {
	name  string // of the network
	kind  Kind
	parts []part // of the weights, in the order in which they were read; the first one is an ONNX network's graph
	// incomplete is the error if the parts are too few for a network.
	incomplete error
	data       func(name string) ([]byte, error) // gives a file that a graph names; may be nil
	rest       func() (sides []Side, unused []string, err error)
}

type part struct {
	name    string
	content []byte
}

// sum is the checksum of all weights, which tells networks of the same name apart.
func (s *source) sum() uint32 {
	sum := uint32(0)
	for _, p := range s.parts {
		sum = crc32.Update(sum, crc32.IEEETable, p.content)
	}
	return sum
}

// safetensors parses the file, or the parts of a checkpoint.
func (s *source) safetensors(index *weights.Index) (*weights.File, error) {
	if len(s.parts) == 1 && index == nil {
		return weights.Parse(s.parts[0].content)
	}
	var parts []weights.Part
	for _, p := range s.parts {
		f, err := weights.Parse(p.content)
		if err != nil {
			return nil, because(WhyDamaged, fmt.Errorf("%.120q: %s", p.name, asRefusal(err)))
		}
		parts = append(parts, weights.Part{Name: p.name, File: f})
	}
	f, err := weights.Join(parts, index)
	return f, because(WhyApart, err)
}

// collection is a number of files, of which some are a network.
type collection struct {
	files       []candidate
	left, limit int64 // bytes of weights that may still be read, and at the beginning
}

type candidate struct {
	GivenFile
	head []byte
	kind Kind
	used bool // as weights
}

// isText reports whether the file may be a text that describes a network.
func (c candidate) isText() bool {
	if c.Size > maxSide {
		return false
	}
	if c.Size > headBytes { // the last character may be cut
		return utf8.Valid(c.head[:len(c.head)-utf8.UTFMax]) && !bytes.Contains(c.head, []byte{0})
	}
	_, ok := decoded(c.head)
	return ok
}

func (c candidate) hasEnding(endings ...string) bool {
	return slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(strings.ToLower(c.Name), e) })
}

// dataEndings are the usual endings of files with an ONNX graph's external data.
var dataEndings = []string{".data", ".onnx_data"}

// pick finds the weights, and reads them.
func (c *collection) pick() (*source, error) {
	var found []*candidate
	named := slices.ContainsFunc(c.files, func(f candidate) bool { return f.hasEnding(".safetensors", ".onnx") })
	for i := range c.files {
		f := &c.files[i]
		// The values of external data can look like anything, so among several files the name counts too.
		if (f.kind == Safetensors || f.kind == ONNX) &&
			(!named || f.hasEnding(".safetensors", ".onnx")) {
			found = append(found, f)
		}
	}
	switch {
	case len(found) == 0:
		return nil, c.refusal()
	case len(found) == 1 && found[0].kind == ONNX:
		return c.source(found, nil)
	case !slices.ContainsFunc(found, func(f *candidate) bool { return f.kind != Safetensors }):
		return c.shards(found)
	}
	return nil, severalModels(found)
}

// shards picks the parts of a checkpoint, or the only file.
func (c *collection) shards(found []*candidate) (*source, error) {
	index, err := c.index()
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b *candidate) int { return strings.Compare(a.Name, b.Name) })
	if index == nil {
		incomplete, same := shardSet(found)
		if len(found) > 1 && !same {
			return nil, severalModels(found)
		}
		if len(found) > 1 && incomplete != nil {
			return nil, incomplete
		}
		return c.source(found, incomplete)
	}
	names := index.Names()
	listed := func(f *candidate) bool { return slices.Contains(names, f.Name) }
	strangers := slices.DeleteFunc(slices.Clone(found), listed)
	if len(strangers) > 0 && len(found)-len(strangers) == len(names) {
		return nil, severalModels(append(strangers, slices.DeleteFunc(found, func(f *candidate) bool {
			return !listed(f)
		})[0]))
	}
	return c.source(found, nil) // the index decides whether a file with another name belongs to it
}

// index reads the index of a checkpoint in several safetensors files, if there is one.
func (c *collection) index() (*weights.Index, error) {
	for _, f := range c.files {
		isIndex := f.hasEnding(".index.json") || bytes.Contains(f.head, []byte(`"weight_map"`))
		if f.kind != JSON || !f.isText() || !isIndex {
			continue
		}
		text, err := f.read(f.Size)
		if err != nil {
			return nil, err
		}
		if index, err := weights.ParseIndex(text); err == nil && ofSafetensors(index) {
			return index, nil
		}
	}
	return nil, nil
}

// ofSafetensors reports whether an index is about safetensors files, and not PyTorch's own.
func ofSafetensors(index *weights.Index) bool {
	return !slices.ContainsFunc(index.Names(), func(name string) bool {
		return !strings.EqualFold(path.Ext(name), ".safetensors")
	})
}

// source reads the weights.
func (c *collection) source(found []*candidate, incomplete error) (*source, error) {
	s := &source{name: found[0].Name, kind: found[0].kind, incomplete: incomplete}
	if m := shardName.FindStringSubmatch(s.name); m != nil && len(found) > 1 {
		s.name = strings.TrimRight(m[1], "-_. ") + ".safetensors"
	}
	for _, f := range found {
		content, err := c.weights(f)
		if err != nil {
			return nil, err
		}
		s.parts = append(s.parts, part{f.Name, content})
	}
	return s, nil
}

// weights reads a file of weights.
func (c *collection) weights(f *candidate) ([]byte, error) {
	if f.used = true; f.Size > c.left {
		size := fmt.Sprintf("%.0f MB", float64(c.limit-c.left+f.Size)/1e6)
		limit := fmt.Sprintf("%.0f MB", float64(c.limit)/1e6)
		return nil, withValues(WhyTooLarge, map[string]string{"size": size, "limit": limit},
			fmt.Errorf("it is %w: it has %s, and at most %s are read; saved as float16 it has half", ErrTooLarge, size,
				limit))
	}
	c.left -= f.Size
	return f.read(f.Size)
}

// external reads a file that an ONNX graph names. It gives nil if there is none.
func (c *collection) external(s *source, name string) ([]byte, error) {
	for i := range c.files {
		if f := &c.files[i]; f.Name == name && !f.used {
			content, err := c.weights(f)
			s.parts = append(s.parts, part{name, content})
			return content, err
		}
	}
	return nil, nil
}

// rest reads the files that are no weights. unused are those that describe nothing.
func (c *collection) rest() (sides []Side, unused []string, err error) {
	for _, f := range c.files {
		switch {
		case f.used:
		case f.isText():
			content, err := f.read(f.Size)
			if err != nil {
				return nil, nil, err
			}
			sides = append(sides, Side{f.Name, content})
		default:
			unused = append(unused, f.Name)
		}
	}
	return sides, unused, nil
}

// refusal is the error if none of the files is a network's.
func (c *collection) refusal() error {
	if len(c.files) == 0 {
		return refusal(WhyNoFile, nil, "there is no file")
	}
	blame := c.files[0]
	for _, wanted := range []func(candidate) bool{
		func(f candidate) bool { return f.hasEnding(".safetensors", ".onnx") },
		func(f candidate) bool { return f.kind != JSON && refusals[f.kind] != "" },
		func(f candidate) bool { return !f.isText() },
	} {
		if i := slices.IndexFunc(c.files, wanted); i >= 0 {
			blame = c.files[i]
			break
		}
	}
	if blame.Size > 0 && blame.kind == Other && blame.hasEnding(dataEndings...) {
		return refusal(WhyDataAlone, map[string]string{"file": printable(blame.Name)},
			"%.120q has only the weights of an ONNX model; give the .onnx file too, both together", blame.Name)
	}
	if blame.Size > 0 && blame.isText() && !blame.hasEnding(".safetensors", ".onnx") {
		return refusal(WhyNoNetwork, nil, "this is no file of a network; give a .safetensors or .onnx file, together "+
			"with those that describe it")
	}
	_, err := Open(blame.head, Options{Name: blame.Name}) // says what the file is instead
	return err
}

// severalModels is the error for more than one network.
func severalModels(found []*candidate) error {
	advice := "give one at a time"
	if !slices.ContainsFunc(found, func(f *candidate) bool { return f.kind != Safetensors }) {
		advice += ", or, if they are the parts of one, their model.safetensors.index.json too"
	}
	first, second := found[0].Name, found[1].Name
	return refusal(WhyTwoModels, map[string]string{"first": printable(first), "second": printable(second)},
		"%.120q and %.120q are two models; %s", first, second, advice)
}

// renamed turns the error for a missing file of a graph into one that says what to rename, if another file may be it.
func renamed(err error, unused []string) error {
	var missing *onnx.MissingFileError
	if !errors.As(err, &missing) {
		return err
	}
	file := missing.Names[0]
	if len(missing.Names) != 1 || len(unused) == 0 {
		return withValues(WhyMissingData, map[string]string{"file": printable(file)}, err)
	}
	return refusal(WhyRenamedData, map[string]string{"file": printable(file), "given": printable(unused[0])},
		"the weights are in another file, %.120q (external data), and the file that was given is called %.120q; if "+
			"that is it, rename it to %.120[1]q, and give both together again", file, unused[0])
}

// A part of a checkpoint is called model-00001-of-00002.safetensors. Browsers may add " (1)".
var (
	shardName = regexp.MustCompile(`(?i)^(.*?)(\d{1,6})([-_. ]of[-_. ])(\d{1,6})(.*)\.safetensors$`)
	copyMark  = regexp.MustCompile(`^ ?\(\d+\)$`)
)

// shardSet reports whether the files are all called parts of the same checkpoint, and gives the error if some of them
// are missing.
func shardSet(found []*candidate) (incomplete error, same bool) {
	var first []string
	given := map[int]bool{}
	for _, f := range found {
		m := shardName.FindStringSubmatch(f.Name)
		if m == nil {
			return nil, false
		}
		if copyMark.MatchString(m[5]) {
			m[5] = ""
		}
		if first == nil {
			first = m
		}
		if m[1] != first[1] || m[4] != first[4] || m[5] != first[5] {
			return nil, false
		}
		number, _ := strconv.Atoi(m[2]) // six digits at most
		given[number] = true
	}
	total, _ := strconv.Atoi(first[4])
	if total > 10_000 {
		return nil, false
	}
	from := 1
	if given[0] {
		from = 0
	}
	var missing []string
	for n := from; n < from+total; n++ {
		if !given[n] {
			missing = append(missing, fmt.Sprintf("%s%0*d%s%s%s.safetensors", first[1], len(first[2]), n, first[3],
				first[4], first[5]))
		}
	}
	if len(missing) == 0 {
		return nil, true
	}
	return &weights.MissingPartsError{Total: total, Missing: missing}, true
}
