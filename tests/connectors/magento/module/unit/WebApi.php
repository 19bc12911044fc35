<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use Magento\Framework\Exception\InputException;
use Magento\Framework\Exception\LocalizedException;
use Magento\Framework\Exception\NoSuchEntityException;

/**
 * Calls the services of webapi.xml by the rules of Magento\Framework\Webapi\ServiceInputProcessor,
 * Magento\Framework\Reflection\TypeProcessor and DataObjectProcessor: types come from docblocks, names of fields
 * from getters, and what has no value and no default is an error 400.
 */
class WebApi
{
    public function __construct(private readonly Shop $shop)
    {
    }

    /**
     * Status and answer, as they come back from JSON. Raises what would be a 500.
     */
    public function call(string $method, string $url, array $body = [], int $customerId = 0): array
    {
        [$path, $query] = explode('?', $url . '?');
        parse_str($query, $parameters);
        [$route, $inPath] = $this->route($method, '/V1/loyalty-bridge/' . $path);
        $input = array_merge($body, $parameters, $inPath);
        foreach ($route->data->parameter ?? [] as $parameter) {
            $input[(string)$parameter['name']] = $customerId;
        }
        $service = new \ReflectionMethod((string)$route->service['class'], (string)$route->service['method']);
        try {
            $arguments = $this->arguments($service, $input);
            $answer = $this->shop->get($service->class)->{$service->name}(...$arguments);
        } catch (NoSuchEntityException $missing) {
            return [404, ['message' => $missing->getMessage()]];
        } catch (LocalizedException $refused) {
            return [400, ['message' => $refused->getMessage()]];
        }
        return [200, json_decode(json_encode($this->shown($answer, $this->returned($service))), true)];
    }

    private function route(string $method, string $url): array
    {
        foreach (simplexml_load_file(LOYALTY_BRIDGE_MODULE . '/etc/webapi.xml')->route as $route) {
            $pattern = preg_replace('/:(\w+)/', '(?<$1>[^/]+)', (string)$route['url']);
            if ((string)$route['method'] === $method && preg_match("#^$pattern$#", $url, $found)) {
                return [$route, array_filter($found, 'is_string', ARRAY_FILTER_USE_KEY)];
            }
        }
        throw new \LogicException("Request does not match any route: $method $url");
    }

    private function arguments(\ReflectionMethod $service, array $input): array
    {
        $arguments = [];
        foreach ($service->getParameters() as $parameter) {
            $name = $parameter->getName();
            $value = $input[$name] ?? $input[strtolower(preg_replace('/(?<=\w)(?=[A-Z])/', '_$1', $name))] ?? null;
            if ($value === null) {
                throw new InputException(__('"%fieldName" is required. Enter and try again.', ['fieldName' => $name]));
            }
            $arguments[] = $this->read($value, $this->typeOf($parameter));
        }
        return $arguments;
    }

    /**
     * For arrays the docblock line must end behind the name: TypeProcessor::getParamType looks for that.
     */
    private function typeOf(\ReflectionParameter $parameter): string
    {
        $type = $parameter->getType()->getName();
        if ($type === 'array') {
            $pattern = '/@param\s+([\w\\\\_]+\[\])\s+\$' . $parameter->getName() . '\n/';
            preg_match($pattern, $parameter->getDeclaringFunction()->getDocComment(), $found);
            $type = $found[1];
        }
        return $type;
    }

    private function returned(\ReflectionMethod $getter): string
    {
        preg_match('/@return\s+(\S+)/', $getter->getDocComment(), $found);
        return $found[1];
    }

    private function read($value, string $type)
    {
        $type = explode('|', $type)[0];
        if (str_ends_with($type, '[]')) {
            $item = substr($type, 0, -2);
            if (!in_array($item, ['int', 'string'], true)) {
                return is_array($value) ? array_map(fn ($one) => $this->read($one, $item), $value) : null;
            }
            if (!is_array($value)) {
                throw new LocalizedException(__('Invalid type for value.'));
            }
            array_walk($value, static fn (&$one) => settype($one, $item));
            return $value;
        }
        if (in_array($type, ['int', 'string', 'bool'], true)) {
            return $this->readSimple($value, $type);
        }
        $object = new (preferenceOf(ltrim($type, '\\')))();
        foreach (is_array($value) ? $value : [] as $field => $one) {
            $name = str_replace(' ', '', ucwords(str_replace('_', ' ', (string)$field)));
            if (!method_exists($type, 'get' . $name)) {
                throw new LocalizedException(__('Property "%1" does not have accessor method.', $name));
            }
            $returned = $this->returned(new \ReflectionMethod($type, 'get' . $name));
            $object->{'set' . $name}($this->read($one, $returned));
        }
        return $object;
    }

    private function readSimple($value, string $type)
    {
        if ($value === null) {
            return null;
        }
        if (is_array($value) || ($type === 'int' && !is_numeric($value))) {
            throw new LocalizedException(__('Invalid type for value.'));
        }
        settype($value, $type);
        return $value;
    }

    private function shown($value, string $type)
    {
        if (is_array($value)) {
            return array_map(fn ($one) => $this->shown($one, substr($type, 0, -2)), array_values($value));
        }
        if (!is_object($value)) {
            return $value;
        }
        $fields = [];
        foreach ((new \ReflectionClass($type))->getMethods() as $method) {
            if (preg_match('/^(get|is|has)(.+)/', $method->name, $found) && $method->getNumberOfParameters() === 0) {
                $key = strtolower(preg_replace('/(.)([A-Z])/', '$1_$2', $found[2]));
                $fields[$key] = $this->shown($value->{$method->name}(), $this->returned($method));
            }
        }
        return $fields;
    }
}
