package statedict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed8935e608/residua/resnet"
)

// cutField splits a tensor's name into layer and field.
func cutField(name, field string) (layer string, ok bool) {
	return strings.CutSuffix(name, "."+field)
}

// verify compares the tensors with a structure.
func (d *dict) verify(c resnet.Config) error {
	if err := c.Check(); err != nil {
		return fmt.Errorf("the network that the tensors make is not supported: %w", err)
	}
	wanted := map[string]bool{}
	var err error
	for _, want := range c.Tensors() {
		wanted[want.Name] = true
		t, ok := d.tensors[want.Name]
		switch {
		case err != nil:
		case !ok:
			err = fmt.Errorf("the file has no tensor for %s, of shape %v", want.Name, want.Shape)
		case !slices.Equal(t.Shape, want.Shape):
			err = fmt.Errorf("tensor %.80q has the shape %v; in this network it must be %v", d.theirs[want.Name],
				t.Shape, want.Shape)
		}
	}
	for _, name := range d.order {
		if err == nil && !wanted[name] {
			err = fmt.Errorf("tensor %.80q has no place in the network that the others make", d.theirs[name])
		}
	}
	if err != nil {
		return err
	}
	return d.verifyValues()
}

// verifyValues checks every value.
func (d *dict) verifyValues() error {
	for _, name := range d.order {
		t := d.tensors[name]
		t.Name = d.theirs[name]
		if err := t.CheckFinite(); err != nil {
			return err
		}
		if _, ok := cutField(name, "running_var"); !ok {
			continue
		}
		values, err := t.AppendFloat32(nil)
		if err != nil {
			return err
		}
		if at := slices.IndexFunc(values, func(v float32) bool { return v < 0 }); at >= 0 {
			return fmt.Errorf("tensor %.80q holds the variance %v at index %d", t.Name, values[at], at)
		}
	}
	return nil
}
